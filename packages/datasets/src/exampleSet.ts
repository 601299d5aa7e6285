/**
 * Examples to learn from, by number: what a model is shown, and what it should say. Two kinds of text (one long text, or documents)
 * and two kinds of models (those that predict every token of a window, or the one after it) make four sets, in
 * textExamples.ts and documentExamples.ts; samplers and evaluations need not know which they have.
 */

/** Numbered examples, each of one shape: `inputLength` input ids and `targetLength` target ids. */
export interface ExampleSet {
  /** Number of examples. */
  readonly size: number;
  /** Input ids of an example, T. */
  readonly inputLength: number;
  /** Target ids of an example: T where every token is predicted, 1 where the one after the window is. */
  readonly targetLength: number;
  /**
   * Writes an example into row `row` of a batch.
   *
   * @param index - an integer from 0 to `size - 1`
   * @param inputs - row-major [B, T]
   * @param targets - row-major [B, T] or [B]; -1 is written where nothing is asked
   */
  write(index: number, inputs: Int32Array, targets: Int32Array, row: number): void;
  /** Says that the example is written soon, so that a slow disk can begin to read it. It changes no result. */
  prefetch?(index: number): void;
}

/** The target that a loss leaves out (`ignoreIndex`): padding. */
export const IGNORED_TARGET = -1;

/** @throws RangeError where `size` is not an integer >= 1. */
export function expectPositive(caller: string, name: string, size: number): void {
  if (Number.isSafeInteger(size) && size >= 1) return;
  throw new RangeError(`${caller}: expected ${name} to be a positive integer, got ${String(size)}`);
}

/**
 * Several sets of examples as one, such as those of the shards of a text: no example reaches from one set into the next.
 */

import type { ExampleSet } from "./exampleSet.ts";

/**
 * The examples of all sets, one set after the other.
 *
 * @example
 * ```ts
 * const [a, b] = [new Uint16Array([5, 6, 7]), new Uint16Array([8, 9])];
 * new JoinedExamples([new TextWindows(a, 1), new TextWindows(b, 1)]).size; // => 3: 5 -> 6, 6 -> 7 and 8 -> 9
 * ```
 */
export class JoinedExamples implements ExampleSet {
  readonly sets: readonly ExampleSet[];
  readonly size: number;
  readonly inputLength: number;
  readonly targetLength: number;
  /** The number of each set's first example. */
  readonly #begins: readonly number[];

  /** @throws RangeError where there are no sets, or their examples are not of one shape */
  constructor(sets: readonly ExampleSet[]) {
    if (sets.length === 0) throw new RangeError("JoinedExamples: expected at least one set of examples, got none");
    const { inputLength, targetLength } = sets[0]!;
    for (const set of sets) {
      if (set.inputLength === inputLength && set.targetLength === targetLength) continue;
      throw new RangeError(
        `JoinedExamples: expected examples of ${inputLength} inputs and ${targetLength} targets, as the first set's, got ` +
          `${set.inputLength} and ${set.targetLength}`,
      );
    }
    let size = 0;
    this.#begins = sets.map((set) => {
      const begin = size;
      size += set.size;
      return begin;
    });
    this.sets = sets;
    this.size = size;
    this.inputLength = inputLength;
    this.targetLength = targetLength;
  }

  write(index: number, inputs: Int32Array, targets: Int32Array, row: number): void {
    const at = this.#setOf(index);
    this.sets[at]!.write(index - this.#begins[at]!, inputs, targets, row);
  }

  prefetch(index: number): void {
    const at = this.#setOf(index);
    this.sets[at]!.prefetch?.(index - this.#begins[at]!);
  }

  /** The last set that begins at `index` or before it. */
  #setOf(index: number): number {
    let low = 0;
    let high = this.#begins.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#begins[middle]! <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/**
 * Batches of chosen examples, for evaluation: the same ones each time, so that two evaluations differ by the weights alone.
 */

import type { Batch } from "./batchSampler.ts";
import { type ExampleSet, expectPositive, IGNORED_TARGET } from "./exampleSet.ts";

/** Options of {@link everyExample}. */
export interface EveryExampleOptions {
  /** Examples per batch, B. */
  readonly batchSize: number;
}

/** Options of {@link evenlySpacedExamples}. */
export interface EvenlySpacedExamplesOptions extends EveryExampleOptions {
  /** Number of batches. */
  readonly count: number;
}

/**
 * Every example once, in order. All batches are full: what the examples do not fill at the end has inputs 0 and targets -1.
 *
 * @returns `ceil(size / B)` batches in new arrays
 * @throws RangeError, at the call, where `batchSize` is not a positive integer
 *
 * @example
 * ```ts
 * const windows = new TextWindows(new Uint16Array([5, 6, 7, 8]), 1);
 * [...everyExample(windows, { batchSize: 2 })].map(({ targets }) => [...targets]); // => [[6, 7], [8, -1]]
 * ```
 */
export function everyExample(examples: ExampleSet, { batchSize }: EveryExampleOptions): Generator<Batch, void, void> {
  expectPositive("everyExample", "batchSize", batchSize);
  return batchesOf(examples, examples.size, batchSize, (index) => index);
}

/**
 * Batches of examples that are spread evenly over the set, the first its first, the last its last; of a small set some come
 * more than once.
 *
 * @returns `count` batches in new arrays
 * @throws RangeError, at the call, where an option is not a positive integer
 */
export function evenlySpacedExamples(
  examples: ExampleSet,
  { batchSize, count }: EvenlySpacedExamplesOptions,
): Generator<Batch, void, void> {
  expectPositive("evenlySpacedExamples", "batchSize", batchSize);
  expectPositive("evenlySpacedExamples", "count", count);
  const { size } = examples;
  const chosen = count * batchSize;
  const place = (index: number): number => (chosen === 1 ? 0 : Math.floor((index * (size - 1)) / (chosen - 1)));
  return batchesOf(examples, chosen, batchSize, place);
}

function* batchesOf(
  examples: ExampleSet,
  count: number,
  B: number,
  numberOf: (index: number) => number,
): Generator<Batch, void, void> {
  const { inputLength, targetLength } = examples;
  for (let begin = 0; begin < count; begin += B) {
    const inputs = new Int32Array(B * inputLength);
    const targets = new Int32Array(B * targetLength).fill(IGNORED_TARGET);
    const rows = Math.min(B, count - begin);
    for (let row = 0; row < rows; row++) examples.write(numberOf(begin + row), inputs, targets, row);
    yield { inputs, targets };
  }
}

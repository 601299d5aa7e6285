/**
 * Draws training batches from a set of examples: each by itself, uniformly, with replacement, so there are no epochs.
 */

import type { Batch, RandomIntegers } from "./batchSampler.ts";
import { type ExampleSet, expectPositive } from "./exampleSet.ts";

/** Options of {@link ExampleSampler}. */
export interface ExampleSamplerOptions<R extends RandomIntegers = RandomIntegers> {
  /** Examples per batch, B. */
  readonly batchSize: number;
  /** Where the examples' numbers come from. */
  readonly rng: R;
}

/**
 * A source of random training batches, whose only state is the generator's. Of the windows of a text it draws the same batches as
 * `BatchSampler`.
 *
 * @example
 * ```ts
 * const sampler = new ExampleSampler(new TextWindows(tokens, 64), { batchSize: 12, rng: new Rng(1337) });
 * sampler.next(inputs, targets); // 12 windows of 64 tokens
 * ```
 */
export class ExampleSampler<R extends RandomIntegers = RandomIntegers> {
  readonly examples: ExampleSet;
  readonly batchSize: number;
  readonly rng: R;

  /** @throws RangeError where `batchSize` is not a positive integer */
  constructor(examples: ExampleSet, { batchSize, rng }: ExampleSamplerOptions<R>) {
    expectPositive("ExampleSampler", "batchSize", batchSize);
    this.examples = examples;
    this.batchSize = batchSize;
    this.rng = rng;
  }

  /**
   * Draws the next batch, in row order.
   *
   * @param inputs - array to fill, of B * inputLength; a new one where left out
   * @param targets - array to fill, of B * targetLength; a new one where left out
   * @returns the two arrays, filled
   * @throws RangeError where an array has another length; nothing is drawn then
   */
  next(inputs?: Int32Array, targets?: Int32Array): Batch {
    const { examples, batchSize: B, rng } = this;
    const { inputLength, targetLength, size } = examples;
    const batch = {
      inputs: inputs ?? new Int32Array(B * inputLength),
      targets: targets ?? new Int32Array(B * targetLength),
    };
    if (batch.inputs.length !== B * inputLength || batch.targets.length !== B * targetLength) {
      throw new RangeError(
        `ExampleSampler.next: expected ${B * inputLength} inputs and ${B * targetLength} targets ` +
          `(batchSize ${B} times ${inputLength} and ${targetLength}), got ${batch.inputs.length} and ${batch.targets.length}`,
      );
    }
    for (let row = 0; row < B; row++) examples.write(rng.integer(size), batch.inputs, batch.targets, row);
    return batch;
  }

  /** The generator's state, to be kept in a checkpoint and restored by the generator's own class. */
  state(): ReturnType<R["state"]> {
    return this.rng.state() as ReturnType<R["state"]>;
  }
}

/**
 * Draws training batches: windows of a text at random places, and the same windows one token later as targets. This is
 * nanoGPT's get_batch. Places are drawn with replacement, so there are no epochs; for every token exactly once see
 * sequentialBatches.ts.
 */

import type { TokenArray } from "./tokenArray.ts";

/** What the sampler asks of a random number generator; `Rng` of `@llm-learning/init` has it. */
export interface RandomIntegers {
  /** An integer from 0 to `bound - 1`, each as likely. */
  integer(bound: number): number;
  /** The generator's whole state, as its class knows to restore it. */
  state(): unknown;
}

/** Options of {@link BatchSampler}. */
export interface BatchSamplerOptions<R extends RandomIntegers = RandomIntegers> {
  /** Windows per batch, B. */
  readonly batchSize: number;
  /** Tokens per window, T. */
  readonly blockSize: number;
  /** Where the windows' places come from. */
  readonly rng: R;
}

/** A batch of windows. */
export interface Batch {
  /** Token ids, row-major [B, T]. */
  readonly inputs: Int32Array;
  /** The token that follows each input, row-major [B, T]; -1 where there is none to predict. */
  readonly targets: Int32Array;
}

/**
 * A source of random training batches. Its only state is the generator's: the same generator state and tokens give the
 * same batches, so a resumed run needs nothing else.
 *
 * @example
 * ```ts
 * const sampler = new BatchSampler(train, { batchSize: 12, blockSize: 64, rng: new Rng(1337) });
 * const { inputs, targets } = sampler.next(); // 12 windows of 64 tokens
 * sampler.next(inputs, targets); // the next ones, in the same arrays
 * ```
 */
export class BatchSampler<R extends RandomIntegers = RandomIntegers> {
  readonly tokens: TokenArray;
  readonly batchSize: number;
  readonly blockSize: number;
  readonly rng: R;

  /**
   * @param tokens - the text's token ids, at least `blockSize + 1`
   * @param options - batch size, block size and generator
   * @throws RangeError where a size is not a positive integer or the text is too short for one window
   */
  constructor(tokens: TokenArray, { batchSize, blockSize, rng }: BatchSamplerOptions<R>) {
    for (const [name, size] of Object.entries({ batchSize, blockSize })) {
      if (!(Number.isSafeInteger(size) && size >= 1)) {
        throw new RangeError(`BatchSampler: expected ${name} to be a positive integer, got ${String(size)}`);
      }
    }
    if (tokens.length < blockSize + 1) {
      throw new RangeError(
        `BatchSampler: expected at least ${blockSize + 1} tokens (blockSize ${blockSize} + 1), got ${tokens.length}: ` +
          "use a longer text or a smaller blockSize",
      );
    }
    this.tokens = tokens;
    this.batchSize = batchSize;
    this.blockSize = blockSize;
    this.rng = rng;
  }

  /**
   * Draws the next batch: B places, each uniform in [0, length - T - 1], in row order.
   *
   * @param inputs - array to fill, of B * T; a new one where left out
   * @param targets - array to fill, of B * T; a new one where left out
   * @returns the two arrays, filled
   * @throws RangeError where an array has another length; nothing is drawn then
   */
  next(inputs?: Int32Array, targets?: Int32Array): Batch {
    const { tokens, batchSize: B, blockSize: T } = this;
    const batch = { inputs: inputs ?? new Int32Array(B * T), targets: targets ?? new Int32Array(B * T) };
    for (const [name, { length }] of Object.entries(batch)) {
      if (length !== B * T) {
        throw new RangeError(
          `BatchSampler.next: expected ${name} of length ${B * T} (batchSize ${B} * blockSize ${T}), got ${length}`,
        );
      }
    }
    for (let row = 0; row < B; row++) {
      const offset = this.rng.integer(tokens.length - T);
      batch.inputs.set(tokens.subarray(offset, offset + T), row * T);
      batch.targets.set(tokens.subarray(offset + 1, offset + T + 1), row * T);
    }
    return batch;
  }

  /** The generator's state, to be kept in a checkpoint and restored by the generator's own class. */
  state(): ReturnType<R["state"]> {
    return this.rng.state() as ReturnType<R["state"]>;
  }
}

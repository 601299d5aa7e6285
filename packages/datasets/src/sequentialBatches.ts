/**
 * Walks through a whole text in order, for evaluation: every token after the first is a target exactly once, so that a sum
 * of losses over the batches is the loss of the text, and no draw of windows adds noise. The tokens at the start of a
 * window see little context; a sliding window would see more and cost more, and is not what this does.
 */

import type { Batch } from "./batchSampler.ts";
import { IGNORED_TARGET } from "./exampleSet.ts";
import type { TokenSequence } from "./tokenSequence.ts";

/** Options of {@link sequentialBatches}. */
export interface SequentialBatchesOptions {
  /** Windows per batch, B. */
  readonly batchSize: number;
  /** Tokens per window, T. */
  readonly blockSize: number;
}

/**
 * Every batch of a text's windows, side by side and without overlap. All batches are [B, T]; what the text does not fill
 * at the end has inputs 0 and targets -1.
 *
 * @param tokens - the text's token ids, at least 2
 * @param options - batch size and block size; the text may be shorter than a window
 * @returns `ceil(ceil((length - 1) / T) / B)` batches in new arrays, with `length - 1` targets other than -1
 * @throws RangeError, at the call, where a size is not a positive integer or the text has no target
 *
 * @example
 * ```ts
 * const [batch] = sequentialBatches(new Uint16Array([5, 6, 7, 8]), { batchSize: 2, blockSize: 2 });
 * batch?.inputs; // => new Int32Array([5, 6, 7, 0])
 * batch?.targets; // => new Int32Array([6, 7, 8, -1])
 * ```
 */
export function sequentialBatches(
  tokens: TokenSequence,
  options: SequentialBatchesOptions,
): Generator<Batch, void, void> {
  const { batchSize, blockSize } = options;
  for (const [name, size] of Object.entries({ batchSize, blockSize })) {
    if (!(Number.isSafeInteger(size) && size >= 1)) {
      throw new RangeError(`sequentialBatches: expected ${name} to be a positive integer, got ${String(size)}`);
    }
  }
  if (tokens.length < 2) {
    throw new RangeError(
      `sequentialBatches: expected at least 2 tokens, an input and its target, got ${tokens.length}`,
    );
  }
  return batches(tokens, batchSize * blockSize);
}

function* batches(tokens: TokenSequence, size: number): Generator<Batch, void, void> {
  // Windows without overlap stand in a batch as in the text, one after the other: a batch is one stretch of it.
  for (let begin = 0; begin < tokens.length - 1; begin += size) {
    const end = Math.min(begin + size, tokens.length - 1);
    const inputs = new Int32Array(size); // [B, T]
    const targets = new Int32Array(size).fill(IGNORED_TARGET); // [B, T]
    const stretch = tokens.subarray(begin, end + 1);
    inputs.set(stretch.subarray(0, end - begin));
    targets.set(stretch.subarray(1));
    yield { inputs, targets };
  }
}

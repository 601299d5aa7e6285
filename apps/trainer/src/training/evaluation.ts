/**
 * The loss during training: on a few batches from fixed places, so that two evaluations differ by their weights alone. The
 * loss over the whole split is the `eval` command's.
 */

import type { Batch, TokenArray } from "@llm-learning/datasets";
import type { Program } from "@llm-learning/nn-core";

/**
 * Batches of windows whose places are spread evenly over `tokens`, the first at the start, the last at the end.
 *
 * @returns `count` batches of `[batchSize, blockSize]`.
 */
export function evenlySpacedBatches(
  tokens: TokenArray,
  { batchSize: B, blockSize: T, count }: { batchSize: number; blockSize: number; count: number },
): Batch[] {
  const windows = count * B;
  const lastOffset = tokens.length - T - 1;
  return Array.from({ length: count }, (_, batch) => {
    const inputs = new Int32Array(B * T); // [B, T]
    const targets = new Int32Array(B * T); // [B, T]
    for (let row = 0; row < B; row++) {
      const offset = windows === 1 ? 0 : Math.floor(((batch * B + row) * lastOffset) / (windows - 1));
      inputs.set(tokens.subarray(offset, offset + T), row * T);
      targets.set(tokens.subarray(offset + 1, offset + T + 1), row * T);
    }
    return { inputs, targets };
  });
}

/**
 * Mean loss over batches of equal size.
 *
 * @param program - Of inputs `inputs` and `targets`, with an output `loss`.
 * @param isStopped - Asked between batches.
 * @returns undefined where it was stopped.
 */
export async function meanLoss(
  program: Program,
  batches: readonly Batch[],
  isStopped: () => boolean,
): Promise<number | undefined> {
  let sum = 0;
  for (const { inputs, targets } of batches) {
    if (isStopped()) return undefined;
    const { loss } = await program.run({ inputs, targets });
    sum += Number(loss.data[0]);
  }
  return sum / batches.length;
}

/**
 * The loss of models that score every token of a vocabulary: at once, or over a large vocabulary a few rows at a time.
 */

import {
  chunkedCrossEntropy,
  crossEntropy,
  isStatic,
  elementCount,
  tap,
  type Tensor,
  type Training,
} from "@llm-learning/nn-core";

/** Most scores that are there at once, 134 MB of them; above, they are computed in chunks of half as many. */
const LARGEST = 2 ** 25;

/**
 * Mean cross-entropy of the next token, in nats; targets of -1 are passed over.
 *
 * @param hidden - `[B, T, C]`
 * @param targets - int32 `[B, T]`
 * @param scores - Makes logits `[..., V]` of `[..., C]`.
 */
export function nextTokenLoss(
  hidden: Tensor,
  targets: Tensor,
  {
    vocabSize,
    scores,
    training,
  }: { vocabSize: number; scores: (hidden: Tensor) => Tensor; training?: Training | undefined },
): Tensor {
  const { shape } = targets;
  if (!isStatic(shape) || elementCount(shape) * vocabSize <= LARGEST) {
    return crossEntropy(tap(scores(hidden), "logits", { kind: "logits" }), targets, { ignoreIndex: -1 });
  }
  const rows = Math.max(1, Math.floor(LARGEST / 2 / vocabSize));
  return chunkedCrossEntropy(hidden, targets, scores, { rows, ignoreIndex: -1, training: training !== undefined });
}

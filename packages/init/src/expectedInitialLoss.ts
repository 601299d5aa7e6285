/** The loss that a classifier should have before it has learned anything. */

import { checkPositiveInteger } from "./validate.ts";

/**
 * The cross-entropy of a model that finds every token equally likely: `ln(vocabSize)`, in nats.
 *
 * A first loss well above it comes from logits that are too large: the model is sure of itself, and wrong. Independent
 * normal logits of standard deviation `s` cost about `s^2 / 2` more.
 *
 * @param vocabSize - Number of classes, an integer >= 1.
 * @throws RangeError if `vocabSize` is anything else.
 *
 * @example
 * ```ts
 * expectedInitialLoss(27); // 3.2958..., the names; 65 characters of Shakespeare: 4.1743...; GPT-2: 10.8249...
 * ```
 */
export function expectedInitialLoss(vocabSize: number): number {
  checkPositiveInteger("expectedInitialLoss", "vocabSize", vocabSize);
  return Math.log(vocabSize);
}

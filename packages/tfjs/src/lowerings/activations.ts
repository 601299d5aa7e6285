/**
 * Activations, softmax, dropout, and the likelihood that training minimises.
 */

import type { TensorFlow, TfTensor } from "../tensorFlow.ts";
import { pick } from "./indexing.ts";
import type { Lowerings } from "./lowering.ts";

export const activations: Lowerings<"softmax" | "logSoftmax" | "nll" | "gelu" | "silu" | "dropout"> = {
  softmax: ({ tf, inputs: [x] }) => tf.softmax(x),

  logSoftmax: ({ tf, inputs: [x] }) => logSoftmax(tf, x),

  nll: ({ tf, inputs: [logits, targets], attributes: { ignoreIndex }, isUsed }) => {
    const logProbs = logSoftmax(tf, logits);
    if (!isUsed(0)) return [undefined, logProbs];
    if (ignoreIndex === undefined) return [tf.neg(pick(tf, logProbs, targets)), logProbs];
    // The ignored index may be out of range.
    const isIgnored = tf.equal(targets, tf.scalar(ignoreIndex, "int32"));
    const safe = tf.where(isIgnored, tf.zerosLike(targets), targets);
    const losses = tf.neg(pick(tf, logProbs, safe));
    return [tf.where(isIgnored, tf.zerosLike(losses), losses), logProbs];
  },

  // The tanh form is x * sigmoid(2 u), because (1 + tanh(u)) / 2 = sigmoid(2 u).
  gelu: ({ tf, inputs: [x], attributes: { approximate } }) => {
    if (approximate === "none") {
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    }
    const slope = 2 * Math.sqrt(2 / Math.PI);
    const doubled = tf.mul(x, tf.add(tf.mul(tf.square(x), slope * 0.044715), slope));
    return tf.mul(x, tf.sigmoid(doubled));
  },

  silu: ({ tf, inputs: [x] }) => tf.mul(x, tf.sigmoid(x)),

  dropout: ({ tf, inputs: [x, mask], attributes: { keepProbability } }) => dropped(tf, x, mask, keepProbability),
};

/** `x / keepProbability` where `mask` is true, else 0. */
export function dropped(tf: TensorFlow, x: TfTensor, mask: TfTensor, keepProbability: number): TfTensor {
  return tf.mul(x, tf.mul(tf.cast(mask, "float32"), 1 / keepProbability));
}

/** `x - log(sum(exp(x)))` over the last axis, the greatest subtracted first. */
function logSoftmax(tf: TensorFlow, x: TfTensor): TfTensor {
  const shifted = tf.sub(x, tf.max(x, -1, true));
  return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), -1, true)));
}

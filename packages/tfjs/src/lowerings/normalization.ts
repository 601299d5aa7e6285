/**
 * Normalization over the last axis.
 */

import type { Lowerings } from "./lowering.ts";

export const normalization: Lowerings<"layerNorm" | "rmsNorm"> = {
  // y = (x - mean) * invStd * weight + bias, invStd = 1 / sqrt(biased variance + eps)
  layerNorm: ({ tf, inputs: [x, weight, bias], attributes: { eps } }) => {
    const mean = tf.mean(x, -1, true); // [..., 1]
    const deviation = tf.sub(x, mean);
    const variance = tf.mean(tf.square(deviation), -1, true); // [..., 1]
    const invStd = tf.reciprocal(tf.sqrt(tf.add(variance, eps))); // [..., 1]
    const y = tf.mul(tf.mul(deviation, invStd), weight);
    return [bias === undefined ? y : tf.add(y, bias), mean, invStd];
  },

  // y = x * invRms * weight, invRms = 1 / sqrt(mean(x^2) + eps)
  rmsNorm: ({ tf, inputs: [x, weight], attributes: { eps } }) => {
    const invRms = tf.reciprocal(tf.sqrt(tf.add(tf.mean(tf.square(x), -1, true), eps))); // [..., 1]
    return [tf.mul(tf.mul(x, invRms), weight), invRms];
  },
};

/**
 * Reductions over given axes, and the statistics that diagnostics read.
 */

import { elementCount } from "@llm-learning/nn-core";
import type { Lowerings } from "./lowering.ts";

export const reductions: Lowerings<"sum" | "mean" | "max" | "min" | "moments"> = {
  sum: ({ tf, inputs: [x], attributes: { axes, keepDims } }) => tf.sum(x, [...axes], keepDims),
  mean: ({ tf, inputs: [x], attributes: { axes, keepDims } }) => tf.mean(x, [...axes], keepDims),
  max: ({ tf, inputs: [x], attributes: { axes, keepDims } }) => tf.max(x, [...axes], keepDims),
  min: ({ tf, inputs: [x], attributes: { axes, keepDims } }) => tf.min(x, [...axes], keepDims),

  moments: ({ tf, inputs: [x] }) => {
    const mean = tf.mean(x);
    const squares = tf.sum(tf.square(tf.sub(x, mean)));
    const std = tf.sqrt(tf.div(squares, elementCount(x.shape) - 1));
    // Not isNaN and isInf: those of the WebAssembly backend write past their results.
    const found = [tf.notEqual(x, x), tf.equal(tf.abs(x), Infinity)];
    const counts = found.map((isFound) => tf.sum(tf.cast(isFound, "float32")));
    return tf.stack([mean, std, tf.min(x), tf.max(x), ...counts]); // [6]
  },
};

/**
 * Rotary positions: pairs of features turned by the angles of their token.
 */

import type { Lowerings } from "./lowering.ts";

export const rotary: Lowerings<"rotary"> = {
  // (a, b) -> (a cos - b sin, b cos + a sin), b half of the turned features behind a
  rotary: ({ tf, inputs: [x, cos, sin] }) => {
    const half = cos.shape[cos.rank - 1];
    const [, , , features] = x.shape as number[];
    const [a, b, ...rest] = tf.split(x, features === 2 * half ? 2 : [half, half, features - 2 * half], 3);
    const turned = [tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(b, cos), tf.mul(a, sin))];
    return tf.concat([...turned, ...rest], 3);
  },
};

/**
 * Ops that move elements without computing with them.
 */

import { dataTypeOf } from "../tensorFlow.ts";
import type { Lowerings } from "./lowering.ts";

export const shapeOps: Lowerings<
  "reshape" | "transpose" | "broadcastTo" | "concat" | "split" | "slice" | "pad" | "iota" | "barrier"
> = {
  reshape: ({ tf, inputs: [x], attributes: { shape }, resolve }) => tf.reshape(x, shape.map(resolve)),

  transpose: ({ tf, inputs: [x], attributes: { permutation } }) => tf.transpose(x, [...permutation]),

  broadcastTo: ({ tf, inputs: [x], attributes: { shape }, resolve }) => tf.broadcastTo(x, shape.map(resolve)),

  concat: ({ tf, inputs, attributes: { axis } }) => tf.concat([...inputs], axis),

  split: ({ tf, inputs: [x], attributes: { axis, sizes } }) => tf.split(x, [...sizes], axis),

  slice: ({ tf, inputs: [x], attributes: { axis, start, end, step } }) => {
    const from = position(start, x.shape[axis]);
    const to = Math.max(from, position(end ?? x.shape[axis], x.shape[axis]));
    if (step === 1) {
      const begin = x.shape.map((_, index) => (index === axis ? from : 0));
      return tf.slice(x, begin, x.shape.with(axis, to - from));
    }
    // Not stridedSlice: that of the WebAssembly backend takes every element for a float32.
    return tf.gather(x, tf.range(from, to, step, "int32"), axis);
  },

  pad: ({ tf, inputs: [x], attributes: { axis, before, after, value } }) => {
    const amounts = x.shape.map((_, index): [number, number] => (index === axis ? [before, after] : [0, 0]));
    return tf.pad(x, amounts, value);
  },

  // A plan runs nodes in the order of the graph, which has what is waited for in front.
  barrier: ({ inputs: [x] }) => x,

  iota: ({ tf, attributes: { dim, dtype }, resolve, constant }) => {
    const count = resolve(dim);
    return constant(`iota ${count} ${dtype}`, () => tf.range(0, count, 1, dataTypeOf(dtype) as "float32" | "int32"));
  },
};

/** A slice bound as a position from the front, clamped to the axis as Python does. */
function position(bound: number, size: number): number {
  return Math.min(Math.max(bound < 0 ? bound + size : bound, 0), size);
}

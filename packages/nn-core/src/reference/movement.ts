/**
 * Kernels of ops that move elements without computing with them.
 */

import { elementCount, formatShape } from "../shape.ts";
import type { Kernels } from "./kernel.ts";
import { ndArray, rowMajorStrides } from "./ndArray.ts";
import { aroundAxis, broadcast, permute, readStrided } from "./strided.ts";

export const movementKernels: Kernels<
  "reshape" | "transpose" | "broadcastTo" | "concat" | "split" | "slice" | "pad" | "iota" | "barrier"
> = {
  reshape: ([x], attributes, resolve) => {
    const shape = attributes.shape.map(resolve);
    if (elementCount(shape) !== x.data.length) {
      throw new RangeError(
        `reshape: expected a shape of ${x.data.length} elements for ${formatShape(x.shape)}, got ${formatShape(shape)}`,
      );
    }
    return [{ ...x, shape }];
  },

  barrier: ([x]) => [x],

  transpose: ([x], { permutation }) => [permute(x, permutation)],

  broadcastTo: ([x], { shape }, resolve) => [broadcast(x, shape.map(resolve))],

  concat: (inputs, { axis }) => {
    const [{ dtype, shape }] = inputs;
    const size = inputs.reduce((sum, input) => sum + input.shape[axis], 0);
    const result = ndArray(dtype, shape.with(axis, size));
    const { outer, inner } = aroundAxis(shape, axis);
    let start = 0;
    for (const { shape, data } of inputs) {
      const run = shape[axis] * inner;
      for (let o = 0; o < outer; o++)
        result.data.set(data.subarray(o * run, (o + 1) * run), (o * size + start) * inner);
      start += shape[axis];
    }
    return [result];
  },

  split: ([x], { axis, sizes }) => {
    const sum = sizes.reduce((total, size) => total + size, 0);
    if (sum !== x.shape[axis]) {
      throw new RangeError(`split: expected sizes that sum to ${x.shape[axis]}, got ${formatShape(sizes)}`);
    }
    const strides = rowMajorStrides(x.shape);
    let start = 0;
    return sizes.map((size) => {
      const part = readStrided(x, x.shape.with(axis, size), strides, start * strides[axis]);
      start += size;
      return part;
    });
  },

  slice: ([x], { axis, start, end, step }) => {
    const size = x.shape[axis];
    const from = position(start, size);
    const to = position(end ?? size, size);
    const count = Math.max(0, Math.ceil((to - from) / step));
    const strides = rowMajorStrides(x.shape);
    const steps = strides.with(axis, strides[axis] * step);
    return [readStrided(x, x.shape.with(axis, count), steps, from * strides[axis])];
  },

  pad: ([x], { axis, before, after, value }) => {
    const { outer, size, inner } = aroundAxis(x.shape, axis);
    const padded = before + size + after;
    const result = ndArray(x.dtype, x.shape.with(axis, padded));
    result.data.fill(value);
    for (let o = 0; o < outer; o++) {
      const run = x.data.subarray(o * size * inner, (o + 1) * size * inner);
      result.data.set(run, (o * padded + before) * inner);
    }
    return [result];
  },

  iota: (_, { dim, dtype }, resolve) => {
    const result = ndArray(dtype, [resolve(dim)]);
    for (let i = 0; i < result.data.length; i++) result.data[i] = i;
    return [result];
  },
};

/** A slice bound as a position from the front, clamped to the axis as Python does. */
function position(bound: number, size: number): number {
  return Math.min(Math.max(bound < 0 ? bound + size : bound, 0), size);
}

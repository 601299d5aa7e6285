/**
 * An evenly strided sample of a tensor: what histograms and quantiles of large tensors are made of.
 */

import { elementCount, reshape, type Shape, slice, type Tensor } from "@llm-learning/nn-core";

/**
 * Every `stride`-th element of `x`, in row-major order, at most `size` of them; all where there are no more.
 *
 * The stride is the smallest that shares no factor with any axis: it then meets every channel and every position alike, where a stride
 * of 48 over rows of 128 would see 8 channels only.
 *
 * @returns `[at most size]`
 */
export function evenSample(x: Tensor, size: number): Tensor {
  const count = elementCount(x.shape as readonly number[]);
  const flat = reshape(x, [count]);
  return slice(flat, { axis: 0, step: sampleStride(x.shape, count, size) });
}

function sampleStride(shape: Shape, count: number, size: number): number {
  let stride = Math.ceil(count / size);
  if (stride === 1) return 1;
  while (shape.some((dim) => greatestCommonDivisor(stride, dim as number) > 1)) stride++;
  return stride;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

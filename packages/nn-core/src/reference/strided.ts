/**
 * Reading an array in another order: the one loop behind transposing, slicing and broadcasting.
 */

import type { NdArray } from "./ndArray.ts";
import { ndArray, rowMajorStrides } from "./ndArray.ts";

/**
 * The array of `shape` whose element at `index` is `source.data[offset + sum(index[axis] * strides[axis])]`.
 *
 * Stride 0 repeats along an axis, a permutation of strides transposes, a multiple of a stride skips.
 */
export function readStrided(
  source: NdArray,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): NdArray {
  const result = ndArray(source.dtype, shape);
  let position = 0;
  const walk = (axis: number, from: number): void => {
    if (axis === shape.length) {
      result.data[position++] = source.data[from];
      return;
    }
    const stride = strides[axis];
    if (axis === shape.length - 1) {
      for (let i = 0; i < shape[axis]; i++) result.data[position++] = source.data[from + i * stride];
      return;
    }
    for (let i = 0; i < shape[axis]; i++) walk(axis + 1, from + i * stride);
  };
  walk(0, offset);
  return result;
}

/** `source` stretched to `shape` by NumPy's rules; itself where it has that shape already. */
export function broadcast(source: NdArray, shape: readonly number[]): NdArray {
  const lead = shape.length - source.shape.length;
  if (lead === 0 && source.shape.every((size, axis) => size === shape[axis])) return source;
  const own = rowMajorStrides(source.shape);
  const strides = shape.map((_, axis) => (axis < lead || source.shape[axis - lead] === 1 ? 0 : own[axis - lead]));
  return readStrided(source, shape, strides);
}

/** `source` with output axis k being input axis `permutation[k]`. */
export function permute(source: NdArray, permutation: readonly number[]): NdArray {
  const strides = rowMajorStrides(source.shape);
  return readStrided(
    source,
    permutation.map((axis) => source.shape[axis]),
    permutation.map((axis) => strides[axis]),
  );
}

/**
 * An array seen as [outer, size, inner] around one axis: element (o, i, n) is at `(o * size + i) * inner + n`.
 */
export function aroundAxis(
  shape: readonly number[],
  axis: number,
): { readonly outer: number; readonly size: number; readonly inner: number } {
  let outer = 1;
  let inner = 1;
  for (let before = 0; before < axis; before++) outer *= shape[before];
  for (let after = axis + 1; after < shape.length; after++) inner *= shape[after];
  return { outer, size: shape[axis], inner };
}

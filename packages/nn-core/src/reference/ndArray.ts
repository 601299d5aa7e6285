/**
 * The arrays that reference kernels compute with: row-major, every element a JavaScript number whatever the dtype.
 *
 * Kernels need not think about precision: they compute in double precision, and the executor rounds each result to its
 * dtype. int64 is therefore exact up to 2^53 only; values beyond are refused at the boundary.
 */

import { allocate, type DType, type TypedArray } from "../dtype.ts";
import { elementCount } from "../shape.ts";

/** A concrete array: `data` is row-major and holds numbers of `dtype`. */
export interface NdArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Zeros of `shape`, to be filled by the caller. */
export function ndArray(dtype: DType, shape: readonly number[]): NdArray {
  return { dtype, shape, data: new Float64Array(elementCount(shape)) };
}

/** A copy of a typed array's elements as numbers. */
export function fromTypedArray(dtype: DType, shape: readonly number[], source: TypedArray | Float64Array): NdArray {
  const array = ndArray(dtype, shape);
  for (let i = 0; i < source.length; i++) {
    const element = source[i];
    if (typeof element === "bigint") array.data[i] = safeInteger(element);
    else array.data[i] = dtype === "bool" ? Number(element !== 0) : element;
  }
  return array;
}

/** A copy of the elements as the typed array that carries their dtype. */
export function toTypedArray(array: NdArray): TypedArray {
  const target = allocate(array.dtype, array.data.length);
  if (target instanceof BigInt64Array) array.data.forEach((element, i) => (target[i] = BigInt(element)));
  else target.set(array.data);
  return target;
}

/** Distance in elements between neighbours along each axis of a row-major array. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

function safeInteger(element: bigint): number {
  const number = Number(element);
  if (!Number.isSafeInteger(number)) {
    throw new RangeError(`reference engine: expected int64 values of at most 2^53 - 1 in magnitude, got ${element}`);
  }
  return number;
}

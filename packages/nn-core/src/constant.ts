/**
 * Constants: values known while tracing.
 */

import { allocate, type DType, type TypedArray, dtypeOf } from "./dtype.ts";
import { checkShape, elementCount, formatShape } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/**
 * A tensor of fixed value.
 *
 * A number is rounded to float32 by engines that compute in float32, and exact where the reference engine computes in
 * double precision.
 *
 * @param value - A number that fills the whole shape, or a row-major array of its length. A typed array of the tensor's
 * dtype is not copied and must not be changed afterwards.
 * @param shape - Of the tensor; a scalar by default.
 * @param dtype - Needed only where `value` does not say it. @defaultValue the typed array's own, float32 for numbers
 * @throws RangeError if the number of values does not fit the shape, or the dtype cannot hold a value: 0.5 as an integer.
 */
export function constant(
  value: number | readonly number[] | TypedArray,
  shape: readonly number[] = [],
  dtype: DType = dtypeOf(value) ?? "float32",
): Tensor {
  checkShape("constant", shape);
  const length = elementCount(shape);
  if (typeof value !== "number" && value.length !== length) {
    throw new RangeError(`constant: expected ${length} values for shape ${formatShape(shape)}, got ${value.length}`);
  }
  const data = dtypeOf(value) === dtype ? (value as TypedArray) : convert(value, dtype, length);
  const exact = typeof value === "number" && dtype === "float32" ? { exact: value } : {};
  return new Tensor({ shape: [...shape], dtype }, { kind: "constant", data, ...exact });
}

/** A constant of zeros. */
export function zeros(shape: readonly number[], dtype: DType = "float32"): Tensor {
  checkShape("zeros", shape);
  return constant(allocate(dtype, elementCount(shape)), shape, dtype);
}

function convert(value: number | ArrayLike<number | bigint>, dtype: DType, length: number): TypedArray {
  const data = allocate(dtype, length);
  for (let i = 0; i < length; i++) {
    const element = typeof value === "number" ? value : value[i];
    if (!fits(element, dtype)) throw new RangeError(`constant: expected values that ${dtype} can hold, got ${element}`);
    if (data instanceof BigInt64Array) data[i] = BigInt(element);
    else data[i] = Number(element);
  }
  return data;
}

function fits(element: number | bigint, dtype: DType): boolean {
  switch (dtype) {
    case "float32":
      return true;
    case "int32":
      return Number(element) === (Number(element) | 0);
    case "int64":
      return typeof element === "bigint" || Number.isSafeInteger(element);
    case "bool":
      return Number(element) === 0 || Number(element) === 1;
  }
}

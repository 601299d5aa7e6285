/**
 * Constants: values known while tracing.
 */

import { allocate, type DType, type TypedArray, dtypeOf } from "./dtype.ts";
import { elementCount, formatShape } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/**
 * A tensor of fixed value.
 *
 * @param value - A number that fills the whole shape, or a row-major array of its length.
 * @param shape - Of the tensor; a scalar by default.
 * @param dtype - Needed only where `value` does not say it. @defaultValue the typed array's own, float32 for numbers
 * @throws RangeError if the number of values does not fit the shape.
 */
export function constant(
  value: number | readonly number[] | TypedArray,
  shape: readonly number[] = [],
  dtype: DType = dtypeOf(value) ?? "float32",
): Tensor {
  const length = elementCount(shape);
  if (typeof value !== "number" && value.length !== length) {
    throw new RangeError(`constant: expected ${length} values for shape ${formatShape(shape)}, got ${value.length}`);
  }
  const data = dtypeOf(value) === dtype ? (value as TypedArray) : convert(value, dtype, length);
  return new Tensor({ shape: [...shape], dtype }, { kind: "constant", data });
}

/** A constant of zeros. */
export function zeros(shape: readonly number[], dtype: DType = "float32"): Tensor {
  return constant(allocate(dtype, elementCount(shape)), shape, dtype);
}

function convert(value: number | ArrayLike<number | bigint>, dtype: DType, length: number): TypedArray {
  const data = allocate(dtype, length);
  for (let i = 0; i < length; i++) {
    const element = typeof value === "number" ? value : value[i];
    if (data instanceof BigInt64Array) data[i] = BigInt(element);
    else data[i] = Number(element);
  }
  return data;
}

/**
 * The element types of tensors and the typed arrays that carry them across an engine's boundary.
 *
 * Floating point is float32 everywhere; the reference engine can compute it in float64, which changes its arithmetic
 * but not the graph. Indices are int32 while training (no BigInt in JavaScript) and int64 in exported models.
 */

/** Element type of a tensor. */
export type DType = "float32" | "int32" | "int64" | "bool";

/** Typed array of each dtype; `bool` is one byte an element, 0 or 1. */
export interface DTypeArrays {
  float32: Float32Array;
  int32: Int32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
}

/** Any typed array that a dtype uses. */
export type TypedArray = DTypeArrays[DType];

/** Allocates a zeroed typed array of `length` elements of `dtype`. */
export function allocate<D extends DType>(dtype: D, length: number): DTypeArrays[D];
export function allocate(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(length);
    case "int32":
      return new Int32Array(length);
    case "int64":
      return new BigInt64Array(length);
    case "bool":
      return new Uint8Array(length);
  }
}

/** The dtype that a typed array carries, or undefined for one that no dtype uses. */
export function dtypeOf(data: unknown): DType | undefined {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Uint8Array) return "bool";
  return undefined;
}

/** What was given as data, for a message: its dtype, or what it is instead. */
export function dataKind(data: unknown): string {
  if (Array.isArray(data)) return "a plain array";
  return dtypeOf(data) ?? (ArrayBuffer.isView(data) ? data.constructor.name : typeof data);
}

/** True for the dtypes that can index: int32 and int64. */
export function isIndexDType(dtype: DType): dtype is "int32" | "int64" {
  return dtype === "int32" || dtype === "int64";
}

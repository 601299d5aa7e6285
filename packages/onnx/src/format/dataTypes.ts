/**
 * The element types of ONNX tensors: name, code in the file, and bits per element.
 *
 * Names follow this toolkit ("float32", not "FLOAT"); codes are those of `TensorProto.DataType` as of IR version 13.
 * Sub-byte types pack their elements from the low bits upward, and a tensor is padded to a whole byte.
 *
 * @see https://onnx.ai/onnx/repo-docs/IR.html#tensor-element-types
 */

const table = {
  undefined: { code: 0, bits: 0 },
  float32: { code: 1, bits: 32 },
  uint8: { code: 2, bits: 8 },
  int8: { code: 3, bits: 8 },
  uint16: { code: 4, bits: 16 },
  int16: { code: 5, bits: 16 },
  int32: { code: 6, bits: 32 },
  int64: { code: 7, bits: 64 },
  string: { code: 8, bits: 0 },
  bool: { code: 9, bits: 8 },
  float16: { code: 10, bits: 16 },
  float64: { code: 11, bits: 64 },
  uint32: { code: 12, bits: 32 },
  uint64: { code: 13, bits: 64 },
  complex64: { code: 14, bits: 64 },
  complex128: { code: 15, bits: 128 },
  bfloat16: { code: 16, bits: 16 },
  float8e4m3fn: { code: 17, bits: 8 },
  float8e4m3fnuz: { code: 18, bits: 8 },
  float8e5m2: { code: 19, bits: 8 },
  float8e5m2fnuz: { code: 20, bits: 8 },
  uint4: { code: 21, bits: 4 },
  int4: { code: 22, bits: 4 },
  float4e2m1: { code: 23, bits: 4 },
  float8e8m0: { code: 24, bits: 8 },
  uint2: { code: 25, bits: 2 },
  int2: { code: 26, bits: 2 },
} as const;

/** The name of an ONNX element type; "undefined" stands for a type that the file leaves open. */
export type OnnxDataType = keyof typeof table;

const names = Object.keys(table) as OnnxDataType[];

/** Whether a name is that of an ONNX data type. */
export function isDataType(name: string): name is OnnxDataType {
  return Object.hasOwn(table, name);
}

/**
 * The code of a data type in an ONNX file, e.g. 1 for "float32" (`TensorProto.DataType`).
 *
 * @throws RangeError when the name is not an ONNX data type.
 */
export function dataTypeCode(dataType: OnnxDataType): number {
  if (!isDataType(dataType)) {
    throw new RangeError(`dataTypeCode: expected one of ${names.join(", ")}, got ${JSON.stringify(dataType)}`);
  }
  return table[dataType].code;
}

/** The data type behind a code of an ONNX file, or undefined where ONNX has no such code. */
export function dataTypeOfCode(code: number): OnnxDataType | undefined {
  return names[code];
}

/**
 * How many bytes of raw data a tensor has: `ceil(product(dims) * bitsPerElement / 8)`.
 *
 * @param dataType - any element type with a fixed width: "string" and "undefined" have none.
 * @param dims - the shape; `[]` is a scalar of one element.
 * @returns the size in bytes, an exact integer.
 * @throws RangeError when a dim is not an integer of at least 0, the size is 2^53 or more, or the type has no width.
 * @example tensorByteLength("int4", [3, 3]); // => 5
 */
export function tensorByteLength(dataType: OnnxDataType, dims: readonly number[]): number {
  if (bitsPerElement(dataType) === 0) {
    throw new RangeError(`tensorByteLength: expected a data type of fixed width, got ${JSON.stringify(dataType)}`);
  }
  const elements = elementCount(dims);
  const bytes = elements === undefined ? undefined : byteLengthOfElements(dataType, elements);
  if (bytes === undefined) {
    throw new RangeError(
      `tensorByteLength: expected dims that are integers of at least 0 and fewer than 2^53 bytes, ` +
        `got ${dataType} [${dims.join(", ")}]`,
    );
  }
  return bytes;
}

/** The number of elements of a shape, or undefined for what is no shape or too large to count. */
export function elementCount(dims: readonly number[]): number | undefined {
  if (!dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) return undefined;
  // Zero first, so that an overflow before it does not hide it: [2^40, 2^40, 0] is empty, not huge.
  if (dims.includes(0)) return 0;
  const elements = dims.reduce((product, dim) => product * dim, 1);
  return Number.isSafeInteger(elements) ? elements : undefined;
}

/** The bytes of so many elements, or undefined above 2^53; 0 for types without a fixed width. */
export function byteLengthOfElements(dataType: OnnxDataType, elements: number): number | undefined {
  const bits = bitsPerElement(dataType);
  const bytes = bits < 8 ? Math.ceil((elements * bits) / 8) : elements * (bits / 8);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The width of an element in bits; 0 for "string" and "undefined". */
export function bitsPerElement(dataType: OnnxDataType): number {
  return isDataType(dataType) ? table[dataType].bits : 0;
}

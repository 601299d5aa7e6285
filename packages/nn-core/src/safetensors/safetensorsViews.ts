/**
 * The way between typed arrays and the bytes of a safetensors entry, without copying where alignment allows. Little-endian
 * machines only, as everything that runs a browser or an official WebAssembly engine is.
 */

import { entryByteLength, isShape, quote, type SafetensorsDType, type SafetensorsEntry } from "./safetensorsEntry.ts";

/** The typed arrays whose elements the format knows as they are. */
export type SafetensorsArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

const DTYPES: Readonly<Record<string, SafetensorsDType>> = {
  Float64Array: "F64",
  Float32Array: "F32",
  BigInt64Array: "I64",
  BigUint64Array: "U64",
  Int32Array: "I32",
  Uint32Array: "U32",
  Int16Array: "I16",
  Uint16Array: "U16",
  Int8Array: "I8",
  Uint8Array: "U8",
};

/**
 * A typed array as a safetensors entry, its dtype taken from the array's type (`Float32Array` is F32, and so on).
 *
 * @param values - the elements in row-major order; the entry is a view of them, so later changes show
 * @param shape - sizes whose product is `values.length`
 * @returns the entry
 * @throws TypeError where `values` is not one of the typed arrays
 * @throws RangeError where the shape does not have as many elements as `values`
 *
 * @example
 * ```ts
 * safetensorsEntry(new Int32Array([1, 2, 3]), [3]).dtype; // => "I32"
 * ```
 */
export function safetensorsEntry(values: SafetensorsArray, shape: readonly number[]): SafetensorsEntry {
  const type = Object.prototype.toString.call(values).slice("[object ".length, -1);
  const dtype = DTYPES[type];
  if (dtype === undefined) {
    throw new TypeError(`safetensorsEntry: expected one of ${Object.keys(DTYPES).join(", ")}, got ${type}`);
  }
  if (!isShape(shape) || entryByteLength(dtype, shape) !== values.byteLength) {
    throw new RangeError(
      `safetensorsEntry: expected a shape of ${values.length} elements (the array's length), got ${quote(shape)}`,
    );
  }
  return {
    dtype,
    shape: [...shape],
    data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

/**
 * The elements of an F32 entry as a Float32Array: a view of its bytes where they are aligned to 4, else a copy.
 *
 * @param entry - an entry of dtype F32
 * @returns `product(shape)` numbers; whether they share memory with the entry depends on its alignment, so do not write
 * to them unless `result.buffer === entry.data.buffer`
 * @throws RangeError where the dtype is another, or the bytes are not a multiple of 4
 */
export function float32View(entry: SafetensorsEntry): Float32Array {
  const { dtype, data } = entry;
  if (dtype !== "F32") throw new RangeError(`float32View: expected an entry of dtype F32, got ${quote(dtype)}`);
  if (data.byteLength % 4 !== 0) {
    throw new RangeError(`float32View: expected a multiple of 4 bytes, got ${data.byteLength}`);
  }
  if (data.byteOffset % 4 === 0) return new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  return new Float32Array(Uint8Array.from(data).buffer);
}

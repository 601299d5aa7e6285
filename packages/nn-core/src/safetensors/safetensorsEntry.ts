/**
 * One tensor of a safetensors file: its element type, its shape and its bytes, and the check that the three agree.
 * The element types and their order are those of the reference implementation (safetensors 0.8, `enum Dtype`), whose
 * order decides where a tensor stands in the file. Elements are not interpreted here; see safetensorsViews.ts.
 */

/** Bits per element, in the reference's order: never decreasing, so that written backwards every tensor is aligned. */
const BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

/** The element types of the safetensors format, by the names they have in the file. */
export type SafetensorsDType = keyof typeof BITS;

/** A tensor as a safetensors file holds it. */
export interface SafetensorsEntry {
  /** Element type. */
  readonly dtype: SafetensorsDType;
  /** Sizes, outermost first; `[]` is a scalar, a size of 0 is an empty tensor. */
  readonly shape: readonly number[];
  /** The elements in row-major order, little-endian. A view where that is possible, so not always aligned. */
  readonly data: Uint8Array;
}

/** Every dtype in increasing order of alignment, the order in which the reference compares them. */
export const safetensorsDTypes: readonly SafetensorsDType[] = Object.keys(BITS) as SafetensorsDType[];

/** Whether a value is the name of a dtype of the format; `"__proto__"` and `"toString"` are not. */
export function isSafetensorsDType(value: unknown): value is SafetensorsDType {
  return typeof value === "string" && Object.hasOwn(BITS, value);
}

/** Whether a value is a list of sizes: non-negative safe integers. */
export function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isSize);
}

/** Whether a value is a non-negative safe integer (and not -0, which JSON can spell). */
export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/**
 * Bytes of a tensor: `product(shape) * bits / 8`.
 *
 * @returns the byte length, or a phrase that says why there is none: the product passes 2^53 - 1, or elements narrower
 * than a byte do not fill the last byte.
 */
export function entryByteLength(dtype: SafetensorsDType, shape: readonly number[]): number | string {
  let bits: number = BITS[dtype];
  // Every partial product is checked, as the reference does: [2 ** 40, 2 ** 40, 0] is refused although it is empty.
  for (const size of shape) {
    bits *= size;
    if (!Number.isSafeInteger(bits)) return "a size beyond 2^53 - 1 bits";
  }
  return bits % 8 === 0 ? bits / 8 : `${bits} bits, which end within a byte`;
}

/** A name or value in an error message: quoted, escaped onto one line, and cut where it is long. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

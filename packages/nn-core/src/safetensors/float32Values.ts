/**
 * Numbers of the narrower and wider floating-point formats as float32, which is what all computation here is in.
 */

import { quote, type SafetensorsEntry } from "./safetensorsEntry.ts";
import { float32View } from "./safetensorsViews.ts";

/**
 * The elements of an entry of floating-point numbers: F32 as `float32View`, BF16 and F16 widened, which loses nothing, F64 rounded.
 *
 * @returns `product(shape)` numbers; to be written to only where they were converted.
 * @throws RangeError for an entry of another dtype.
 *
 * @example
 * ```ts
 * float32Values({ dtype: "BF16", shape: [1], data: Uint8Array.of(0x40, 0x40) }); // => Float32Array [3]
 * ```
 */
export function float32Values(entry: SafetensorsEntry): Float32Array {
  const { dtype, data } = entry;
  if (dtype === "F32") return float32View(entry);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  switch (dtype) {
    case "BF16":
      return widened(view, (bits) => bits << 16);
    case "F16":
      return widened(view, float32BitsOfHalf);
    case "F64":
      return Float32Array.from({ length: data.byteLength / 8 }, (_, i) => view.getFloat64(8 * i, true));
    default:
      throw new RangeError(`float32Values: expected an entry of F32, BF16, F16 or F64, got ${quote(dtype)}`);
  }
}

function widened(view: DataView, float32Bits: (bits: number) => number): Float32Array {
  const values = new Float32Array(view.byteLength / 2);
  const bits = new Int32Array(values.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = float32Bits(view.getUint16(2 * i, true));
  return values;
}

/** IEEE 754 binary16 (sign, 5 bits of exponent biased by 15, 10 of fraction) as the bits of the same number in binary32. */
function float32BitsOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13); // infinity, or NaN with its payload
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13); // 127 - 15
  if (fraction === 0) return sign;
  // A subnormal, fraction * 2^-24, is a normal number in binary32: its leading one becomes the implicit one.
  const shift = Math.clz32(fraction) - 21; // up to bit 10
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

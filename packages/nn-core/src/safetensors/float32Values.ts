/**
 * Numbers of the narrower and wider floating-point formats as float32, which is what all computation here is in.
 */

import { decodeFloat16 } from "../float16.ts";
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
      return widenedBFloat16(view);
    case "F16":
      // A copy, since the entry may not be aligned.
      return decodeFloat16(new Uint16Array(Uint8Array.from(data).buffer));
    case "F64":
      return Float32Array.from({ length: data.byteLength / 8 }, (_, i) => view.getFloat64(8 * i, true));
    default:
      throw new RangeError(`float32Values: expected an entry of F32, BF16, F16 or F64, got ${quote(dtype)}`);
  }
}

/** A bfloat16 is the upper half of a float32. */
function widenedBFloat16(view: DataView): Float32Array {
  const bits = Uint32Array.from({ length: view.byteLength / 2 }, (_, i) => view.getUint16(2 * i, true) << 16);
  return new Float32Array(bits.buffer);
}

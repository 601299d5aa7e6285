/**
 * Half precision (IEEE 754 binary16) as 16-bit integers: what a file stores, since not every runtime has a Float16Array.
 *
 * Conversion is that of IEEE 754 and of ONNX's Cast: to the nearest half, ties to the even one, gradual underflow. What is
 * too large (65520 and above) becomes an infinity, not the largest half 65504: who stores weights must look first.
 */

/** The largest finite half. */
export const maxFloat16 = 65504;

/**
 * The halves nearest to `values`, as their bits.
 *
 * Below 2^-14 halves are subnormal, multiples of 2^-24; 2^-25 and less becomes a zero of the same sign. A NaN stays one,
 * with its sign and the top bits of its payload.
 *
 * @returns a new array of the same length.
 * @throws TypeError where `values` is not a Float32Array.
 * @example encodeFloat16(new Float32Array([1, -2, 65504]))[0]; // => 15360
 */
export function encodeFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  if (!(values instanceof Float32Array)) {
    throw new TypeError(`encodeFloat16: expected a Float32Array, got ${describe(values)}`);
  }
  // A copy, since the bits of a float32 are read at offsets that `values` may not be aligned to in its buffer.
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) halves[i] = halfBits(bits[i]);
  return halves;
}

/**
 * The numbers that halves stand for; every half is a float32 exactly.
 *
 * @returns a new array of the same length.
 * @throws TypeError where `halves` is not a Uint16Array.
 * @example decodeFloat16(new Uint16Array([0x3c00, 0xfc00])); // => Float32Array [1, -Infinity]
 */
export function decodeFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  if (!(halves instanceof Uint16Array)) {
    throw new TypeError(`decodeFloat16: expected a Uint16Array, got ${describe(halves)}`);
  }
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = floatBits(halves[i]);
  return new Float32Array(bits.buffer);
}

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** The half nearest to `value`, as a number. */
export function roundToFloat16(value: number): number {
  single[0] = value;
  singleBits[0] = floatBits(halfBits(singleBits[0]));
  return single[0];
}

/** The bits of the half nearest to the float32 of `bits`. */
function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x1ff);
  // 0x477ff000 is 65520, halfway between the largest half and what would be the next.
  if (magnitude >= 0x477f_f000) return sign | 0x7c00;
  // 0x38800000 is 2^-14. Exponents differ by 112; a carry out of the fraction goes where it belongs, into the exponent.
  if (magnitude >= 0x3880_0000) {
    const rebiased = magnitude - (112 << 23);
    return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
  }
  // 0x33000000 is 2^-25, halfway between 0 and the smallest half: the even one of the two is 0.
  if (magnitude <= 0x3300_0000) return sign;
  const fraction = (magnitude & 0x7f_ffff) | 0x80_0000;
  const shift = 126 - (magnitude >>> 23);
  const floor = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const halfway = 1 << (shift - 1);
  return sign | (rest > halfway || (rest === halfway && (floor & 1) === 1) ? floor + 1 : floor);
}

/** The bits of the float32 that equals a half. */
function floatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return sign | 0x7f80_0000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // A subnormal half is a normal float32: its leading one becomes the hidden one.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

function describe(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

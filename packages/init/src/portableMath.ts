/**
 * Natural logarithm and exponential from `+ - * /` alone, so that they give the same bits everywhere: ECMAScript leaves
 * the last bits of `Math.log` and `Math.exp` to the engine, and engines differ. Only what the normal distribution
 * needs: positive normal arguments for the logarithm, arguments in [-708, 0] for the exponential.
 */

// ln 2 in two parts. The first ends in 21 zero bits, so that its product with an exponent is exact.
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

const scratch = new DataView(new ArrayBuffer(8));

/** Natural logarithm of a positive, finite, normal number, to within 2 units in the last place. */
export function portableLog(x: number): number {
  // x = 2^exponent * mantissa, the mantissa in [sqrt(1/2), sqrt(2))
  scratch.setFloat64(0, x);
  const highWord = scratch.getUint32(0);
  let exponent = (highWord >>> 20) - 1023;
  scratch.setUint32(0, (highWord & 0x000fffff) | 0x3ff00000);
  let mantissa = scratch.getFloat64(0);
  if (mantissa >= Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }

  // ln m = 2 artanh s = 2 (s + s^3 / 3 + s^5 / 5 + ...) with |s| < 0.1716: what is left out is below 2^-57 of it.
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  let series = 0;
  for (let n = 21; n >= 3; n -= 2) series = z * (1 / n + series);
  return exponent * LN2_HIGH + (exponent * LN2_LOW + 2 * s * series + 2 * s);
}

/** e to the power `x`, for `x` in [-708, 0], to within 2 units in the last place. */
export function portableExp(x: number): number {
  // x = exponent * ln 2 + r with |r| <= ln(2) / 2
  const exponent = Math.round(x / Math.LN2);
  const r = x - exponent * LN2_HIGH - exponent * LN2_LOW;
  let series = 1;
  for (let n = 14; n >= 1; n--) series = 1 + (r / n) * series;
  scratch.setUint32(0, (exponent + 1023) << 20);
  scratch.setUint32(4, 0);
  return series * scratch.getFloat64(0);
}

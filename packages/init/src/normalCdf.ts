/**
 * The normal distribution function, to 12 digits or more even far in the lower tail: a Taylor series in the middle, a
 * continued fraction outside.
 *
 * Follows Abramowitz and Stegun, "Handbook of Mathematical Functions", formulas 26.2.11 and 26.2.14.
 */

import { portableExp } from "./portableMath.ts";

/**
 * The probability that a standard normal variable stays below `x`.
 *
 * @param x - Any number, the infinities included.
 * @returns In [0, 1]: 0 below -36, where the probability is under 1e-283, and 1 above 36.
 */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  if (size > 36) return x < 0 ? 0 : 1;
  const density = portableExp((-size * size) / 2) / Math.sqrt(2 * Math.PI);

  if (size < 2.5) {
    // x + x^3 / 3 + x^5 / (3 * 5) + ...: 60 terms bring it below 2^-53 of the sum.
    let term = x;
    let series = x;
    for (let n = 3; n < 123; n += 2) {
      term *= (x * x) / n;
      series += term;
    }
    return 0.5 + density * series;
  }

  // density / (x + 1 / (x + 2 / (x + 3 / ...))), from the inside out
  let fraction = size;
  for (let n = 100; n >= 1; n--) fraction = size + n / fraction;
  const tail = density / fraction;
  return x < 0 ? tail : 1 - tail;
}

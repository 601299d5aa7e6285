/**
 * The logarithmic derivative of the gamma function.
 */

/**
 * ψ(x), by the recurrence ψ(x) = ψ(x + 1) - 1/x up to 7, and from there by its asymptotic series around x - 1/2.
 *
 * @param x - Above 0.
 */
export function digamma(x: number): number {
  let result = 0;
  let shifted = x;
  for (; shifted < 7; shifted++) result -= 1 / shifted;
  const inverse = 1 / (shifted - 1 / 2);
  const square = inverse * inverse;
  const fourth = square * square;
  result += Math.log(shifted - 1 / 2) + (1 / 24) * square - (7 / 960) * fourth;
  return result + (31 / 8064) * fourth * square - (127 / 30720) * fourth * fourth;
}

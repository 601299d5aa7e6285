/**
 * The inverse of the normal distribution function, to about 16 digits: three rational approximations, one for the
 * middle and two for the tails.
 *
 * Follows Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988),
 * routine PPND16. The coefficients are the paper's, rounded to float64.
 */

import { portableLog } from "./portableMath.ts";

/**
 * The number that a standard normal variable stays below with probability `p`.
 *
 * @param p - In (0, 1) and not subnormal. Close to 1 the result is only as precise as `p` can be: there, negate the
 *   quantile of `1 - p` if that is known better.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * middle(0.180625 - q * q);
  const r = Math.sqrt(-portableLog(q < 0 ? p : 1 - p));
  const size = r <= 5 ? nearTail(r - 1.6) : farTail(r - 5);
  return q < 0 ? -size : size;
}

/** The quantile over q, for r = 0.425^2 - q^2. */
function middle(r: number): number {
  let numerator = 2509.0809287301227;
  numerator = numerator * r + 33430.57558358813;
  numerator = numerator * r + 67265.7709270087;
  numerator = numerator * r + 45921.95393154987;
  numerator = numerator * r + 13731.69376550946;
  numerator = numerator * r + 1971.5909503065513;
  numerator = numerator * r + 133.14166789178438;
  numerator = numerator * r + 3.3871328727963665;
  let denominator = 5226.495278852854;
  denominator = denominator * r + 28729.085735721943;
  denominator = denominator * r + 39307.89580009271;
  denominator = denominator * r + 21213.794301586597;
  denominator = denominator * r + 5394.196021424751;
  denominator = denominator * r + 687.1870074920579;
  denominator = denominator * r + 42.31333070160091;
  denominator = denominator * r + 1;
  return numerator / denominator;
}

/** The size of the quantile, for tail probabilities from exp(-25), about 1.4e-11, to 0.075. */
function nearTail(r: number): number {
  let numerator = 0.0007745450142783414;
  numerator = numerator * r + 0.022723844989269184;
  numerator = numerator * r + 0.2417807251774506;
  numerator = numerator * r + 1.2704582524523684;
  numerator = numerator * r + 3.6478483247632045;
  numerator = numerator * r + 5.769497221460691;
  numerator = numerator * r + 4.630337846156546;
  numerator = numerator * r + 1.4234371107496835;
  let denominator = 1.0507500716444169e-9;
  denominator = denominator * r + 0.0005475938084995345;
  denominator = denominator * r + 0.015198666563616457;
  denominator = denominator * r + 0.14810397642748008;
  denominator = denominator * r + 0.6897673349851;
  denominator = denominator * r + 1.6763848301838038;
  denominator = denominator * r + 2.053191626637759;
  denominator = denominator * r + 1;
  return numerator / denominator;
}

/** The size of the quantile, for tail probabilities below exp(-25). */
function farTail(r: number): number {
  let numerator = 2.0103343992922881e-7;
  numerator = numerator * r + 2.7115555687434876e-5;
  numerator = numerator * r + 0.0012426609473880784;
  numerator = numerator * r + 0.026532189526576124;
  numerator = numerator * r + 0.29656057182850487;
  numerator = numerator * r + 1.7848265399172913;
  numerator = numerator * r + 5.463784911164114;
  numerator = numerator * r + 6.657904643501103;
  let denominator = 2.0442631033899397e-15;
  denominator = denominator * r + 1.421511758316446e-7;
  denominator = denominator * r + 1.8463183175100548e-5;
  denominator = denominator * r + 0.0007868691311456133;
  denominator = denominator * r + 0.014875361290850615;
  denominator = denominator * r + 0.1369298809227358;
  denominator = denominator * r + 0.599832206555888;
  denominator = denominator * r + 1;
  return numerator / denominator;
}

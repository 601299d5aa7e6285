/**
 * Initializer: independent draws from a normal distribution cut off at two bounds, by inverting its distribution
 * function. Each element takes two 32-bit draws wherever the bounds are.
 *
 * PyTorch's `trunc_normal_` does the same in float32, which goes wrong when the mean is more than two standard
 * deviations outside the bounds, as it warns. This one works on the lower tail in float64 and stays right.
 */

import { normalCdf } from "./normalCdf.ts";
import { normalQuantile } from "./normalQuantile.ts";
import type { Rng } from "./rng.ts";
import { checkData, checkFinite, checkRng } from "./validate.ts";

/** Options of {@link truncNormal}. */
export interface TruncNormalOptions {
  /**
   * Mean of the distribution before it is cut.
   *
   * @defaultValue 0
   */
  readonly mean?: number | undefined;
  /**
   * Standard deviation of the distribution before it is cut, > 0.
   *
   * @defaultValue 1
   */
  readonly std?: number | undefined;
  /**
   * Lower bound, in the units of `data` (not in standard deviations). May be -Infinity.
   *
   * @defaultValue -2
   */
  readonly low?: number | undefined;
  /**
   * Upper bound, in the units of `data` (not in standard deviations). May be Infinity.
   *
   * @defaultValue 2
   */
  readonly high?: number | undefined;
  /** Where the randomness comes from: two 32-bit draws per element. */
  readonly rng: Rng;
}

/**
 * Fills `data` with draws from the normal distribution of `mean` and `std`, given that they lie in [`low`, `high`].
 *
 * `mean + std * quantile(cdf(l) + (cdf(h) - cdf(l)) * u)`, with `l` and `h` the bounds in standard deviations from the
 * mean. Elements lie within the bounds rounded to float32.
 *
 * Also known as `trunc_normal_(tensor, mean, std, a, b)` in PyTorch. Bounds are absolute there too, so `std: 0.02` with
 * the default bounds cuts nothing off; pass `low: -0.04, high: 0.04` to cut at two standard deviations.
 *
 * @throws RangeError if `mean` is not finite, `std` is not a finite number > 0, not `low < high`, or all of the interval
 *   is more than 36 standard deviations from the mean; TypeError without `rng`.
 */
export function truncNormal(
  data: Float32Array,
  { mean = 0, std = 1, low = -2, high = 2, rng }: TruncNormalOptions,
): void {
  checkData("truncNormal", data);
  checkFinite("truncNormal", "mean", mean);
  if (!(std > 0 && std < Infinity)) {
    throw new RangeError(`truncNormal: expected std to be a finite number > 0, got ${String(std)}`);
  }
  if (!(low < high)) {
    throw new RangeError(`truncNormal: expected low < high, got low ${String(low)} and high ${String(high)}`);
  }
  checkRng("truncNormal", rng);

  // An interval above the mean is mirrored: probabilities near 0 have digits that those near 1 lack.
  const mirrored = low > mean;
  const sign = mirrored ? -1 : 1;
  const start = normalCdf(mirrored ? (mean - high) / std : (low - mean) / std);
  const end = normalCdf(mirrored ? (mean - low) / std : (high - mean) / std);
  if (end === 0) {
    throw new RangeError(
      `truncNormal: expected an interval within 36 standard deviations (std ${std}) of mean ${mean}, ` +
        `got low ${low} and high ${high}`,
    );
  }
  for (let i = 0; i < data.length; i++) {
    // Below 1, so that the quantile stays finite; the bound decides there.
    const p = Math.min(start + (end - start) * rng.openUniform(), 1 - 2 ** -53);
    data[i] = Math.min(Math.max(mean + sign * std * normalQuantile(p), low), high);
  }
}

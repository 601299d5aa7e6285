/**
 * Recipe: spectral scaling. A layer should turn inputs of elements about 1 into outputs of elements about 1 also once it
 * has learned to favour them, and that takes a spectral norm (largest singular value) of `sqrt(fanOut / fanIn)`. For
 * square weights it is a standard deviation of `1 / (2 sqrt(n))`; layers that narrow strongly, as one that gives few
 * outputs, start much smaller than Xavier or Kaiming would have them.
 *
 * Follows Yang, Simon and Bernstein, "A Spectral Condition for Feature Learning" (2023), which derives muP from it. It is
 * no relative of spectral normalization, which divides a weight by its norm at every step.
 */

import type { Rng } from "./rng.ts";
import { normal } from "./normal.ts";
import { checkLength, checkNonNegative, checkRng, checkShape } from "./validate.ts";

/** Options of {@link spectralNormal}. */
export interface SpectralNormalOptions {
  /**
   * Multiplies the spectral norm; see {@link calculateGain}.
   *
   * @defaultValue 1
   */
  readonly gain?: number | undefined;
  /** Where the randomness comes from: two 32-bit draws per element. */
  readonly rng: Rng;
}

/**
 * Fills `data` from the normal distribution of mean 0 whose matrices have a spectral norm of `gain * sqrt(fanOut / fanIn)`.
 *
 * `std = gain * sqrt(fanOut / fanIn) / (sqrt(fanIn) + sqrt(fanOut))`, as the largest singular value of a normal matrix is
 * `std * (sqrt(rows) + sqrt(columns))`, less about 2 % at 100 x 100 and 0.4 % at 1000 x 1000. Up to a factor between 1/2
 * and 1 it is the paper's `min(1, sqrt(fanOut / fanIn)) / sqrt(fanIn)`. {@link orthogonal} with the same gain has all
 * singular values there exactly.
 *
 * The learning rates that go with it grow as `fanOut / fanIn` for SGD and as `1 / fanIn` for Adam.
 *
 * @param data - The elements of the weight.
 * @param shape - `[outFeatures, inFeatures]`. A weight of more axes is taken as a matrix of `shape[0]` rows.
 * @throws RangeError if `shape` has fewer than two axes, `data` does not fit it, or `gain` is not a finite number >= 0;
 *   TypeError without `rng`.
 * @see Yang, Simon and Bernstein (2023), condition 1 and section 4
 */
export function spectralNormal(
  data: Float32Array,
  shape: readonly number[],
  { gain = 1, rng }: SpectralNormalOptions,
): void {
  checkShape("spectralNormal", shape, 2);
  checkLength("spectralNormal", data, shape);
  checkNonNegative("spectralNormal", "gain", gain);
  checkRng("spectralNormal", rng);
  const fanOut = shape[0];
  const fanIn = data.length / fanOut;
  normal(data, { std: (gain * Math.sqrt(fanOut / fanIn)) / (Math.sqrt(fanIn) + Math.sqrt(fanOut)), rng });
}

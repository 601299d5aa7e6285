/**
 * Xavier (Glorot) initialization: the variance that keeps the size of activations on the way forward and of gradients
 * on the way back, as well as one number can do both.
 *
 * Follows Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (AISTATS 2010).
 */

import { fansFor, type WeightLayout } from "./fans.ts";
import { normal } from "./normal.ts";
import type { Rng } from "./rng.ts";
import { uniform } from "./uniform.ts";
import { checkLength, checkNonNegative, checkRng } from "./validate.ts";

/** Options of {@link xavierUniform} and {@link xavierNormal}. */
export interface XavierOptions {
  /**
   * Multiplies the standard deviation; see {@link calculateGain}.
   *
   * @defaultValue 1
   */
  readonly gain?: number | undefined;
  /**
   * The order of the axes of a convolution weight; see {@link fans}.
   *
   * @defaultValue "channelsLast"
   */
  readonly layout?: WeightLayout | undefined;
  /** Where the randomness comes from. */
  readonly rng: Rng;
}

/**
 * Fills `data` from the uniform distribution on [-bound, bound), `bound = gain * sqrt(6 / (fanIn + fanOut))`.
 *
 * Also known as Glorot uniform.
 *
 * @param data - The elements of the weight.
 * @param shape - `[outFeatures, inFeatures]`, or a convolution weight's.
 * @throws RangeError if `shape` has fewer than two axes, `data` does not fit it, or `gain` is not a finite number >= 0;
 *   TypeError without `rng`.
 * @see Glorot and Bengio (2010), equation 16
 */
export function xavierUniform(
  data: Float32Array,
  shape: readonly number[],
  { gain = 1, layout = "channelsLast", rng }: XavierOptions,
): void {
  const bound = Math.sqrt(3) * xavierStd("xavierUniform", data, shape, { gain, layout, rng });
  uniform(data, { low: -bound, high: bound, rng });
}

/**
 * Fills `data` from the normal distribution of mean 0 and `std = gain * sqrt(2 / (fanIn + fanOut))`.
 *
 * Also known as Glorot normal.
 *
 * @param data - The elements of the weight.
 * @param shape - `[outFeatures, inFeatures]`, or a convolution weight's.
 * @throws RangeError if `shape` has fewer than two axes, `data` does not fit it, or `gain` is not a finite number >= 0;
 *   TypeError without `rng`.
 * @see Glorot and Bengio (2010), section 4.2.1
 */
export function xavierNormal(
  data: Float32Array,
  shape: readonly number[],
  { gain = 1, layout = "channelsLast", rng }: XavierOptions,
): void {
  normal(data, { std: xavierStd("xavierNormal", data, shape, { gain, layout, rng }), rng });
}

function xavierStd(
  caller: string,
  data: Float32Array,
  shape: readonly number[],
  { gain, layout, rng }: { gain: number; layout: WeightLayout; rng: Rng },
): number {
  const { fanIn, fanOut } = fansFor(caller, shape, layout);
  checkLength(caller, data, shape);
  checkNonNegative(caller, "gain", gain);
  checkRng(caller, rng);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

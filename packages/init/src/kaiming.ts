/**
 * Kaiming (He) initialization: the variance that keeps the size of activations (or of gradients) through layers followed
 * by a rectifier.
 *
 * Follows He et al., "Delving Deep into Rectifiers" (ICCV 2015), with PyTorch's names and defaults.
 */

import { calculateGain, type Nonlinearity } from "./calculateGain.ts";
import { fansFor, type WeightLayout } from "./fans.ts";
import { normal } from "./normal.ts";
import type { Rng } from "./rng.ts";
import { uniform } from "./uniform.ts";
import { checkFinite, checkLength, checkRng } from "./validate.ts";

/** Options of {@link kaimingUniform} and {@link kaimingNormal}. */
export interface KaimingOptions {
  /**
   * The negative slope of the leakyRelu that follows; other nonlinearities ignore it.
   *
   * @defaultValue 0
   */
  readonly a?: number | undefined;
  /**
   * Whether to keep the size of activations ("fanIn") or of gradients ("fanOut").
   *
   * @defaultValue "fanIn"
   */
  readonly mode?: "fanIn" | "fanOut" | undefined;
  /**
   * What follows the layer; see {@link calculateGain}. "linear" makes this LeCun initialization.
   *
   * @defaultValue "leakyRelu", which with `a` 0 is relu
   */
  readonly nonlinearity?: Nonlinearity | undefined;
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
 * Fills `data` from the uniform distribution on [-bound, bound), `bound = gain * sqrt(3 / fan)`.
 *
 * Also known as He uniform. With `a = Math.sqrt(5)` the bound is `1 / sqrt(fanIn)`, where PyTorch starts its Linear and
 * convolution weights.
 *
 * @param data - The elements of the weight.
 * @param shape - `[outFeatures, inFeatures]`, or a convolution weight's.
 * @throws RangeError if `shape` has fewer than two axes, `data` does not fit it, or an option is out of range;
 *   TypeError without `rng`.
 * @see He et al. (2015), section 2.2
 */
export function kaimingUniform(data: Float32Array, shape: readonly number[], options: KaimingOptions): void {
  const bound = Math.sqrt(3) * kaimingStd("kaimingUniform", data, shape, options);
  uniform(data, { low: -bound, high: bound, rng: options.rng });
}

/**
 * Fills `data` from the normal distribution of mean 0 and `std = gain / sqrt(fan)`.
 *
 * Also known as He normal.
 *
 * @param data - The elements of the weight.
 * @param shape - `[outFeatures, inFeatures]`, or a convolution weight's.
 * @throws RangeError if `shape` has fewer than two axes, `data` does not fit it, or an option is out of range;
 *   TypeError without `rng`.
 * @see He et al. (2015), section 2.2
 */
export function kaimingNormal(data: Float32Array, shape: readonly number[], options: KaimingOptions): void {
  normal(data, { std: kaimingStd("kaimingNormal", data, shape, options), rng: options.rng });
}

function kaimingStd(
  caller: string,
  data: Float32Array,
  shape: readonly number[],
  { a = 0, mode = "fanIn", nonlinearity = "leakyRelu", layout = "channelsLast", rng }: KaimingOptions,
): number {
  const { fanIn, fanOut } = fansFor(caller, shape, layout);
  checkLength(caller, data, shape);
  checkFinite(caller, "a", a);
  if (mode !== "fanIn" && mode !== "fanOut") {
    throw new RangeError(`${caller}: expected mode "fanIn" or "fanOut", got ${JSON.stringify(mode)}`);
  }
  checkRng(caller, rng);
  return calculateGain(nonlinearity, a) / Math.sqrt(mode === "fanIn" ? fanIn : fanOut);
}

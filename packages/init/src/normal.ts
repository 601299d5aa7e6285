/** Initializer: independent draws from a normal distribution. */

import type { Rng } from "./rng.ts";
import { checkData, checkFinite, checkNonNegative, checkRng } from "./validate.ts";

/** Options of {@link normal}. */
export interface NormalOptions {
  /**
   * Mean.
   *
   * @defaultValue 0
   */
  readonly mean?: number | undefined;
  /**
   * Standard deviation, >= 0.
   *
   * @defaultValue 1
   */
  readonly std?: number | undefined;
  /** Where the randomness comes from: two 32-bit draws per element. */
  readonly rng: Rng;
}

/**
 * Fills `data` with draws from the normal distribution of mean `mean` and standard deviation `std`.
 *
 * Also known as `normal_` in PyTorch, Gaussian initialization elsewhere.
 *
 * @throws RangeError if `mean` is not finite or `std` not a finite number >= 0; TypeError without `rng`.
 *
 * @example
 * ```ts
 * const embedding = new Float32Array(50257 * 768);
 * normal(embedding, { std: 0.02, rng: new Rng(42) }); // as GPT-2 starts
 * ```
 */
export function normal(data: Float32Array, { mean = 0, std = 1, rng }: NormalOptions): void {
  checkData("normal", data);
  checkFinite("normal", "mean", mean);
  checkNonNegative("normal", "std", std);
  checkRng("normal", rng);
  for (let i = 0; i < data.length; i++) data[i] = mean + std * rng.normal();
}

/** Initializer: independent draws from a uniform distribution. */

import type { Rng } from "./rng.ts";
import { checkData, checkFinite, checkRng } from "./validate.ts";

/** Options of {@link uniform}. */
export interface UniformOptions {
  /**
   * Lower end of the range.
   *
   * @defaultValue 0
   */
  readonly low?: number | undefined;
  /**
   * Upper end of the range, at least `low`.
   *
   * @defaultValue 1
   */
  readonly high?: number | undefined;
  /** Where the randomness comes from: one 32-bit draw per element. */
  readonly rng: Rng;
}

/**
 * Fills `data` with draws from the uniform distribution on [`low`, `high`).
 *
 * `low + (high - low) * u`, with `u` a multiple of 2^-24 in [0, 1), as PyTorch draws float32. Rounding to float32 can
 * give `high` itself where `low` is not 0.
 *
 * Also known as `uniform_(tensor, a, b)` in PyTorch.
 *
 * @throws RangeError if a bound is not finite or `low > high`; TypeError without `rng`.
 */
export function uniform(data: Float32Array, { low = 0, high = 1, rng }: UniformOptions): void {
  checkData("uniform", data);
  checkFinite("uniform", "low", low);
  checkFinite("uniform", "high", high);
  if (low > high) throw new RangeError(`uniform: expected low <= high, got low ${low} and high ${high}`);
  checkRng("uniform", rng);
  const step = (high - low) * 2 ** -24;
  for (let i = 0; i < data.length; i++) data[i] = low + step * (rng.nextUint32() >>> 8);
}

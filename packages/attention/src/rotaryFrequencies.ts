/**
 * How fast each pair of features turns with position, in rotary position embeddings (Su et al. 2021,
 * https://arxiv.org/abs/2104.09864), and the plain ways to reach further than a model was trained.
 */

/** Base of the frequencies. */
export interface RotaryOptions {
  /** The slowest pair turns about 1 / theta radians a token; > 0. @defaultValue 10_000 */
  theta?: number;
}

/**
 * `theta^(-2 i / rotaryDim)` for `i` from 0: radians a token of each pair, falling from 1.
 *
 * @param rotaryDim - Features that are turned: an even integer >= 2; less than a head's width for partial rotation.
 * @returns `rotaryDim / 2` frequencies
 * @throws RangeError if `rotaryDim` is not an even integer >= 2, or theta is not above 0.
 */
export function rotaryFrequencies(rotaryDim: number, options: RotaryOptions = {}): number[] {
  const { theta = 10_000 } = options;
  if (!Number.isSafeInteger(rotaryDim) || rotaryDim < 2 || rotaryDim % 2 !== 0) {
    throw new RangeError(`rotaryFrequencies: expected rotaryDim to be an even integer >= 2, got ${rotaryDim}`);
  }
  if (!(theta > 0 && theta < Infinity)) {
    throw new RangeError(`rotaryFrequencies: expected a finite theta above 0, got ${theta}`);
  }
  return Array.from({ length: rotaryDim / 2 }, (_, pair) => theta ** ((-2 * pair) / rotaryDim));
}

/**
 * Frequencies for texts `factor` times as long by position interpolation (Chen et al. 2023, https://arxiv.org/abs/2306.15595):
 * every pair turns `factor` times as slowly. What Hugging Face calls "linear".
 *
 * @throws RangeError as {@link rotaryFrequencies}, and if factor is below 1.
 */
export function interpolatedFrequencies(rotaryDim: number, options: RotaryOptions & { factor: number }): number[] {
  const { factor } = options;
  expectFactor("interpolatedFrequencies", factor);
  return rotaryFrequencies(rotaryDim, options).map((frequency) => frequency / factor);
}

/**
 * Frequencies for texts `factor` times as long by NTK-aware scaling: `theta * factor^(d / (d - 2))` in the place of theta, with d =
 * rotaryDim, so that the fastest pair turns as before and the slowest `factor` times as slowly.
 *
 * @see Peng et al. 2023, https://arxiv.org/abs/2309.00071, section 3.1
 * @throws RangeError as {@link rotaryFrequencies}, and if factor is below 1 or rotaryDim is 2.
 */
export function ntkFrequencies(rotaryDim: number, options: RotaryOptions & { factor: number }): number[] {
  const { theta = 10_000, factor } = options;
  expectFactor("ntkFrequencies", factor);
  if (rotaryDim === 2) throw new RangeError("ntkFrequencies: expected rotaryDim to be at least 4, got 2");
  return rotaryFrequencies(rotaryDim, { theta: theta * factor ** (rotaryDim / (rotaryDim - 2)) });
}

/** @throws RangeError if `factor` is not a finite number >= 1. */
export function expectFactor(name: string, factor: number): void {
  if (factor >= 1 && factor < Infinity) return;
  throw new RangeError(`${name}: expected a finite factor >= 1, got ${factor}`);
}

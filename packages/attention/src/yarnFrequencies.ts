/**
 * YaRN: rotary frequencies for longer texts, each pair by its own measure (Peng et al. 2023, https://arxiv.org/abs/2309.00071).
 *
 * A pair that turns often within the trained length keeps its frequency, one that never completes a turn is interpolated, and
 * between them is a ramp. As in the authors' code and Hugging Face's, the ramp is linear in the index of the pair, not in its number
 * of turns as the paper writes it.
 */

import { expectFactor, type RotaryOptions, rotaryFrequencies } from "./rotaryFrequencies.ts";

/** How far to stretch, and where the ramp lies. */
export interface YarnOptions extends RotaryOptions {
  /** How many times as long the texts are as those of the training; >= 1. */
  factor: number;
  /** Length of the texts of the training, in tokens. */
  originalLength: number;
  /** Pairs with at least this many turns within `originalLength` keep their frequency. @defaultValue 32 */
  betaFast?: number;
  /** Pairs with at most this many are interpolated. @defaultValue 1 */
  betaSlow?: number;
  /** Round the ends of the ramp outwards to whole pairs; gpt-oss does not. @defaultValue true */
  truncate?: boolean;
}

/**
 * YaRN's frequencies: `(1 - ramp) * f + ramp * f / factor` for each plain frequency f.
 *
 * Turn queries and keys with {@link yarnAttentionFactor} as well, which the method is made for.
 *
 * @returns `rotaryDim / 2` frequencies
 * @throws RangeError if factor is below 1, originalLength or a beta is not above 0, or as `rotaryFrequencies`.
 */
export function yarnFrequencies(rotaryDim: number, options: YarnOptions): number[] {
  const { theta = 10_000, factor, originalLength, betaFast = 32, betaSlow = 1, truncate = true } = options;
  const plain = rotaryFrequencies(rotaryDim, options);
  expectFactor("yarnFrequencies", factor);
  for (const [name, value] of Object.entries({ originalLength, betaFast, betaSlow })) {
    if (value > 0 && value < Infinity) continue;
    throw new RangeError(`yarnFrequencies: expected a finite ${name} above 0, got ${value}`);
  }
  /** Index, with a fraction, of the pair that turns so often within originalLength. */
  const pairOf = (turns: number): number =>
    (rotaryDim * Math.log(originalLength / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const [fast, slow] = [pairOf(betaFast), pairOf(betaSlow)];
  const from = Math.max(truncate ? Math.floor(fast) : fast, 0);
  const to = Math.min(truncate ? Math.ceil(slow) : slow, rotaryDim - 1);
  const width = to === from ? 0.001 : to - from; // a ramp of no width is a step
  return plain.map((frequency, pair) => {
    const ramp = Math.min(1, Math.max(0, (pair - from) / width));
    return (1 - ramp) * frequency + (ramp * frequency) / factor;
  });
}

/**
 * The factor of turned queries and keys that goes with YaRN: `0.1 ln(factor) + 1`.
 *
 * Scores grow by its square, which makes up for the greater number of tokens that share the attention.
 *
 * @see section 3.4 of the paper
 * @throws RangeError if factor is below 1.
 */
export function yarnAttentionFactor(factor: number): number {
  expectFactor("yarnAttentionFactor", factor);
  return 0.1 * Math.log(factor) + 1;
}

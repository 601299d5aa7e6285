/**
 * Rotary frequencies of Llama 3.1 and later, for texts longer than those of the training, as Meta and Hugging Face compute them.
 *
 * Waves shorter than originalLength / highFrequencyFactor stay, waves longer than originalLength / lowFrequencyFactor
 * are stretched by `factor`, and between them the two are mixed by how often a wave fits into originalLength.
 */

import { expectFactor, type RotaryOptions, rotaryFrequencies } from "./rotaryFrequencies.ts";

/** How far to stretch, and which waves. */
export interface Llama3Options extends RotaryOptions {
  /** Stretch of the long waves; >= 1. Llama 3.1: 8, Llama 3.2: 32. */
  factor: number;
  /** Length of the texts of the training, in tokens. @defaultValue 8192 */
  originalLength?: number;
  /** Waves that fit into `originalLength` less often than this are stretched. @defaultValue 1 */
  lowFrequencyFactor?: number;
  /** Waves that fit into `originalLength` more often than this stay; above `lowFrequencyFactor`. @defaultValue 4 */
  highFrequencyFactor?: number;
}

/**
 * Llama 3's frequencies: `(1 - share) * f / factor + share * f`, with `share` rising from 0 to 1 between the two frequency factors.
 *
 * @returns `rotaryDim / 2` frequencies
 * @throws RangeError if factor is below 1, the frequency factors are not in order, or as `rotaryFrequencies`.
 */
export function llama3Frequencies(rotaryDim: number, options: Llama3Options): number[] {
  const { factor, originalLength = 8192, lowFrequencyFactor = 1, highFrequencyFactor = 4 } = options;
  expectFactor("llama3Frequencies", factor);
  if (!(originalLength > 0 && originalLength < Infinity)) {
    throw new RangeError(`llama3Frequencies: expected a finite originalLength above 0, got ${originalLength}`);
  }
  if (!(lowFrequencyFactor > 0 && lowFrequencyFactor < highFrequencyFactor && highFrequencyFactor < Infinity)) {
    throw new RangeError(
      `llama3Frequencies: expected 0 < lowFrequencyFactor < highFrequencyFactor, ` +
        `got ${lowFrequencyFactor} and ${highFrequencyFactor}`,
    );
  }
  return rotaryFrequencies(rotaryDim, options).map((frequency) => {
    const waves = (originalLength * frequency) / (2 * Math.PI);
    const between = (waves - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
    const share = Math.min(1, Math.max(0, between));
    return ((1 - share) * frequency) / factor + share * frequency;
  });
}

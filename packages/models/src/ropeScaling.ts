/**
 * Rotary positions for texts longer than those of the training, as a choice of a model's: the ways that checkpoints of the Llama family
 * name. The frequencies are those of `@llm-learning/attention`.
 */

import {
  interpolatedFrequencies,
  llama3Frequencies,
  rotaryFrequencies,
  yarnAttentionFactor,
  yarnFrequencies,
} from "@llm-learning/attention";

/** A way to stretch rotary positions by `factor`, with lengths in tokens. */
export type RopeScaling =
  | { readonly type: "none" }
  /** Every pair turns `factor` times as slowly. */
  | { readonly type: "linear"; readonly factor: number }
  /** Frequencies follow the length beyond blockSize, which is never reached here: within it they are the plain ones. */
  | { readonly type: "dynamic"; readonly factor: number }
  /** Each pair by how often it turns within `originalLength`; turned queries and keys are multiplied by `attentionFactor`. */
  | {
      readonly type: "yarn";
      readonly factor: number;
      readonly originalLength: number;
      /** @defaultValue 0.1 ln(factor) + 1 */
      readonly attentionFactor?: number | undefined;
      /** @defaultValue 32 */
      readonly betaFast?: number | undefined;
      /** @defaultValue 1 */
      readonly betaSlow?: number | undefined;
      /** @defaultValue true */
      readonly truncate?: boolean | undefined;
    }
  /** Long waves are stretched, short ones stay. */
  | {
      readonly type: "llama3";
      readonly factor: number;
      readonly originalLength: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
    };

/**
 * What the positions of a head of `headDim` turn by.
 *
 * @param theta - Base of the plain frequencies.
 * @returns `headDim / 2` frequencies, and the factor of turned queries and keys.
 * @throws RangeError for a scaling that is unknown or out of range.
 */
export function scaledRotary(
  headDim: number,
  theta: number,
  scaling: RopeScaling,
): { frequencies: number[]; attentionFactor: number } {
  const plain = (frequencies: number[]): ReturnType<typeof scaledRotary> => ({ frequencies, attentionFactor: 1 });
  switch (scaling.type) {
    case "none":
      return plain(rotaryFrequencies(headDim, { theta }));
    case "linear":
      return plain(interpolatedFrequencies(headDim, { theta, factor: scaling.factor }));
    case "dynamic":
      if (!(scaling.factor >= 1)) throw new RangeError(`Llama: expected a factor >= 1, got ${scaling.factor}`);
      return plain(rotaryFrequencies(headDim, { theta }));
    case "llama3":
      return plain(llama3Frequencies(headDim, { theta, ...scaling }));
    case "yarn": {
      const { factor, originalLength, attentionFactor = yarnAttentionFactor(factor) } = scaling;
      const { betaFast = 32, betaSlow = 1, truncate = true } = scaling;
      if (!(attentionFactor > 0 && attentionFactor < Infinity)) {
        throw new RangeError(`Llama: expected a finite attentionFactor above 0, got ${attentionFactor}`);
      }
      const options = { theta, factor, originalLength, betaFast, betaSlow, truncate };
      return { frequencies: yarnFrequencies(headDim, options), attentionFactor };
    }
    default: {
      const { type } = scaling as { type: unknown };
      throw new RangeError(
        `Llama: expected ropeScaling of type none, linear, dynamic, yarn, llama3, got ${JSON.stringify(type)}`,
      );
    }
  }
}

/**
 * From the scores of a token to the token: temperature, filters, and the draw, composed as Hugging Face's `generate` composes
 * them: temperature, top-k, top-p, min-p. (vLLM takes min-p before top-k and top-p; the rest is alike.)
 *
 * What changes the scores before, bias and penalties, is in `penalties.ts` and `logitBias.ts`; `TokenSampler` puts all together.
 */

import { argmax, drawIndex } from "./distribution.ts";
import { fillExponentials, weightsFor } from "./exponentials.ts";
import { topKBorder } from "./filters.ts";
import { nucleusBorder } from "./nucleus.ts";

/** How the next token is chosen. */
export interface SamplingOptions {
  /** Logits are divided by it: below 1 sharpens, above 1 flattens, 0 takes the best token. @defaultValue 0 */
  readonly temperature?: number | undefined;
  /** Only the k best tokens are drawn, an integer >= 1. @defaultValue all */
  readonly topK?: number | undefined;
  /** Only the fewest best tokens whose probability adds up to at least p are drawn, in (0, 1]. @defaultValue all */
  readonly topP?: number | undefined;
  /** Only tokens at least p times as probable as the best one are drawn, in [0, 1]. @defaultValue all */
  readonly minP?: number | undefined;
}

/** Where chance comes from; `Rng` of `@llm-learning/init` is one. */
export interface UniformSource {
  /** A number from the uniform distribution on `[0, 1)`. */
  uniform(): number;
}

/**
 * The next token.
 *
 * @param logits - `[V]`, scores of every token.
 * @param rng - Asked for one number; not at all at temperature 0, which takes the first of the best tokens.
 * @throws RangeError for options out of range and for logits without a finite largest value (the model diverged).
 * @see Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", section 3.1 (top-p)
 */
export function sampleToken(logits: Float32Array, options: SamplingOptions, rng?: UniformSource): number {
  checkSamplingOptions("sampleToken", options);
  const { temperature = 0, topK, topP = 1, minP = 0 } = options;
  const best = argmax(logits);
  if (!Number.isFinite(logits[best])) {
    throw new RangeError(`sampleToken: expected a finite largest logit, got ${logits[best]}`);
  }
  if (temperature === 0) return best;
  if (rng === undefined) {
    throw new TypeError(
      `sampleToken: expected an rng at temperature ${temperature}, got none; temperature 0 needs none`,
    );
  }
  // What `keepTopK`, `keepTopP` and `keepMinP` do one after the other, without copies: tokens that are ruled out get a weight of 0.
  const largest = logits[best];
  const weights = weightsFor(logits.length);
  const isCut = topK !== undefined && topK < logits.length;
  const { value: border, equals } = isCut ? topKBorder(logits, topK) : { value: -Infinity, equals: Infinity };
  let sum = fillExponentials(logits, weights, { largest, temperature, border, equals });
  if (topP < 1 || minP > 0) {
    const nucleus = topP < 1 ? nucleusBorder(weights, topP * sum) : { value: 0, equals: 0 };
    const least = minP > 0 ? largest + temperature * Math.log(minP) : -Infinity;
    let left = nucleus.equals;
    sum = 0;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i];
      if (logits[i] >= least && (weight > nucleus.value || (weight === nucleus.value && left-- > 0))) sum += weight;
      else weights[i] = 0;
    }
  }
  return drawIndex(weights, rng.uniform() * sum);
}

/** @throws RangeError naming the first option out of range. */
export function checkSamplingOptions(
  caller: string,
  { temperature = 0, topK = 1, topP = 1, minP = 0 }: SamplingOptions,
): void {
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new RangeError(`${caller}: expected temperature to be a number >= 0, got ${temperature}`);
  }
  if (!Number.isInteger(topK) || topK < 1) {
    throw new RangeError(`${caller}: expected topK to be an integer >= 1, got ${topK}`);
  }
  if (!(topP > 0 && topP <= 1)) {
    throw new RangeError(`${caller}: expected topP to be a number in (0, 1], got ${topP}`);
  }
  if (!(minP >= 0 && minP <= 1)) {
    throw new RangeError(`${caller}: expected minP to be a number in [0, 1], got ${minP}`);
  }
}

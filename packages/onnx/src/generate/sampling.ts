/**
 * From the scores of a token to the token: temperature, filters, and the draw, composed as Hugging Face's `generate` composes
 * them: temperature, top-k, top-p, min-p. (vLLM takes min-p before top-k and top-p; the rest is alike.)
 *
 * What changes the scores before, bias and penalties, is in `penalties.ts` and `logitBias.ts`; `TokenSampler` puts all together.
 */

import { argmax, drawIndex, tokenProbabilities } from "./distribution.ts";
import { keepMinP, keepTopK, keepTopP } from "./filters.ts";

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
  let kept = logits;
  if (topK !== undefined) kept = keepTopK(kept, topK);
  if (topP < 1) kept = keepTopP(kept, topP, temperature);
  if (minP > 0) kept = keepMinP(kept, minP, temperature);
  return drawIndex(tokenProbabilities(kept, temperature), rng.uniform());
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

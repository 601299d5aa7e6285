/** Writing with an n-gram model: tokens drawn one after another from its distributions. */

import type { NGramModel } from "./nGramModel.ts";
import type { TokenIds } from "./tokenIds.ts";

/** Where chance comes from; `Rng` of `@llm-learning/init` is one. */
export interface UniformSource {
  /** A number from the uniform distribution on `[0, 1)`. */
  uniform(): number;
}

/** How much is written, and after what. */
export interface GenerateOptions {
  readonly rng: UniformSource;
  /** At most so many tokens, an integer >= 0. */
  readonly maxTokens: number;
  /** What stands before. @defaultValue nothing: a text or document begins */
  readonly context?: TokenIds | undefined;
}

/** The tokens that a model writes; a boundary ends them and is not among them. */
export function generateTokens(model: NGramModel, { rng, maxTokens, context = [] }: GenerateOptions): number[] {
  const caller = "NGramModel.generate";
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 0) {
    throw new RangeError(`${caller}: expected maxTokens to be an integer >= 0, got ${String(maxTokens)}`);
  }
  const cursor = model.cursorAfter(caller, context);
  const tokens: number[] = [];
  while (tokens.length < maxTokens) {
    const token = drawToken(caller, model.distributionAt(cursor), rng);
    if (token === model.counts.boundary) break;
    tokens.push(token);
    cursor.step(token);
  }
  return tokens;
}

/** The token at which a number from `[0, 1)` falls when the probabilities are laid end to end; never one of probability 0. */
export function drawToken(caller: string, distribution: Float64Array, rng: UniformSource): number {
  if (typeof rng?.uniform !== "function") {
    throw new TypeError(`${caller}: expected an rng with a method uniform(), got ${typeof rng}; Rng of init is one`);
  }
  const at = rng.uniform();
  let sum = 0;
  let last = -1;
  for (let token = 0; token < distribution.length; token++) {
    if (distribution[token] === 0) continue;
    sum += distribution[token];
    last = token;
    if (at < sum) break;
  }
  if (last < 0) {
    throw new RangeError(
      `${caller}: expected a token that is possible, got none after a context never counted; smooth`,
    );
  }
  return last;
}

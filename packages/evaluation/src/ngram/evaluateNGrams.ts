/**
 * Evaluation of an n-gram model on a stream of tokens, and the report of what it holds for impossible: which tokens, after
 * which contexts, how often.
 */

import { type Likelihood, LikelihoodAccumulator } from "../likelihood/likelihoodAccumulator.ts";
import { ContextCursor } from "./contextCursor.ts";
import type { NGramModel } from "./nGramModel.ts";
import type { TokenIds } from "./tokenIds.ts";

/** How a model is evaluated. */
export interface NGramEvaluationOptions {
  /**
   * How many of the first tokens are read as context only. `order - 1` scores nothing but grams of full length; 1 scores
   * what a neural model is scored on, which cannot predict a text's first token.
   *
   * @defaultValue 0: all tokens are scored, the first ones by shorter grams
   */
  readonly skip?: number | undefined;
  /** How many different impossible grams are listed. @defaultValue 10 */
  readonly maxImpossibleGrams?: number | undefined;
}

/** A token that had probability 0. */
export interface ImpossibleGram {
  /** Up to order - 1 tokens. */
  readonly context: readonly number[];
  readonly token: number;
  /** How often it came there. */
  readonly count: number;
}

/** {@link Likelihood}, and what made it infinite. */
export interface NGramEvaluation extends Likelihood {
  /** The first different grams of probability 0, in the order they came, each with how often it came. */
  readonly impossibleGrams: readonly ImpossibleGram[];
}

/** An evaluation under way. */
interface RunningEvaluation {
  add(chunk: TokenIds): void;
  result(): NGramEvaluation;
}

/** @throws RangeError for options out of range. */
export function evaluateNGrams(
  model: NGramModel,
  caller: string,
  { skip = 0, maxImpossibleGrams = 10 }: NGramEvaluationOptions,
): RunningEvaluation {
  for (const [name, value] of Object.entries({ skip, maxImpossibleGrams })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${caller}: expected ${name} to be an integer >= 0, got ${String(value)}`);
    }
  }
  const V = model.vocabSize;
  const cursor = new ContextCursor(model.counts);
  const likelihood = new LikelihoodAccumulator();
  const impossible = new Map<string, { context: number[]; token: number; count: number }>();
  let position = 0;

  function noteImpossible(token: number): void {
    const context = cursor.context();
    const key = [...context, token].join();
    const known = impossible.get(key);
    if (known !== undefined) known.count++;
    else if (impossible.size < maxImpossibleGrams) impossible.set(key, { context, token, count: 1 });
  }

  return {
    add(chunk) {
      for (let i = 0; i < chunk.length; i++) {
        const id = chunk[i];
        if (!(id >>> 0 === id && id < V)) {
          throw new RangeError(`${caller}: expected ids from 0 to ${V - 1}, got ${String(id)} at position ${position}`);
        }
        if (position++ < skip) likelihood.skip();
        else {
          const probability = model.probabilityAt(cursor, id);
          if (probability === 0) noteImpossible(id);
          likelihood.add(Math.log(probability));
        }
        cursor.step(id);
      }
    },
    result: () => ({ ...likelihood.result(caller), impossibleGrams: [...impossible.values()] }),
  };
}

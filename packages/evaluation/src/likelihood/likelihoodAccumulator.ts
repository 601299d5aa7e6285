/**
 * Likelihood gathered token by token, for evaluations that do not fit into memory at once: the sums are compensated, so a
 * billion tokens are added up as exactly as ten.
 */

import { CompensatedSum } from "./compensatedSum.ts";
import { perplexity } from "./perplexity.ts";

/** How well a model predicted some tokens. Losses are in nats. */
export interface Likelihood {
  /** How many tokens were counted: neither masked out nor of weight 0. */
  readonly tokens: number;
  /** The sum of their weights; without weights, their number. */
  readonly weight: number;
  /** The product of the probabilities, `exp(logLikelihood)`: 0 by underflow after some hundred tokens, which is why one takes logs. */
  readonly likelihood: number;
  /** The sum of the log-probabilities, each times its weight. Minus infinity if a probability is 0. */
  readonly logLikelihood: number;
  /** The negative log-likelihood. */
  readonly nll: number;
  /** `nll / weight`: nats per token, the loss that training minimizes. */
  readonly averageNll: number;
  /** `exp(averageNll)`: among how many equally likely tokens the model was on average undecided. */
  readonly perplexity: number;
  /** How many of the tokens had probability 0. One is enough to make the loss infinite. */
  readonly impossible: number;
  /** Which tokens these were: the positions of the first ten. */
  readonly impossibleAt: readonly number[];
}

/** How many positions of impossible tokens are kept. */
const KEPT_POSITIONS = 10;

/**
 * Adds up log-probabilities.
 *
 * @example
 * ```ts
 * const accumulator = new LikelihoodAccumulator();
 * accumulator.add(Math.log(1 / 2));
 * accumulator.add(Math.log(1 / 8));
 * accumulator.result().perplexity; // => 4
 * ```
 */
export class LikelihoodAccumulator {
  readonly #logLikelihood = new CompensatedSum();
  readonly #weight = new CompensatedSum();
  readonly #impossibleAt: number[] = [];
  #tokens = 0;
  #impossible = 0;
  #position = 0;

  /**
   * Counts one more token.
   *
   * @param logProbability - At most 0, in nats; up to 1e-6 more is taken for rounding. Minus infinity is probability 0.
   * @param weight - At least 0; a token of weight 0 is passed over, even an impossible one. @defaultValue 1
   * @throws RangeError for any other number.
   */
  add(logProbability: number, weight: number = 1): void {
    if (!(logProbability <= 1e-6)) {
      throw new RangeError(
        `LikelihoodAccumulator.add: expected a log-probability of at most 0, got ${logProbability} at position ${this.#position}`,
      );
    }
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(
        `LikelihoodAccumulator.add: expected a finite weight >= 0, got ${weight} at position ${this.#position}`,
      );
    }
    if (weight > 0) {
      this.#tokens++;
      this.#weight.add(weight);
      this.#logLikelihood.add(weight * Math.min(0, logProbability));
      if (logProbability === -Infinity && this.#impossible++ < KEPT_POSITIONS) this.#impossibleAt.push(this.#position);
    }
    this.#position++;
  }

  /** Passes over one token: positions count on, nothing else does. */
  skip(): void {
    this.#position++;
  }

  /**
   * What was added so far.
   *
   * @param caller - For whom the error speaks. @defaultValue "LikelihoodAccumulator.result"
   * @throws RangeError if no token was counted: no average exists.
   */
  result(caller: string = "LikelihoodAccumulator.result"): Likelihood {
    const weight = this.#weight.value;
    if (this.#tokens === 0) {
      const passed = this.#position === 0 ? "" : ` among ${this.#position}: all are masked out, skipped or of weight 0`;
      throw new RangeError(`${caller}: expected at least one token to evaluate, got none${passed}`);
    }
    const logLikelihood = this.#logLikelihood.value;
    const nll = 0 - logLikelihood; // not -logLikelihood, which makes -0 of 0
    return {
      tokens: this.#tokens,
      weight,
      likelihood: Math.exp(logLikelihood),
      logLikelihood,
      nll,
      averageNll: nll / weight,
      perplexity: perplexity(nll / weight),
      impossible: this.#impossible,
      impossibleAt: [...this.#impossibleAt],
    };
  }
}

/**
 * The likelihood of tokens under a model, from the three forms in which models give it: probabilities, log-probabilities
 * and logits. All are summed as logarithms.
 *
 *     likelihood = product of p_i           log-likelihood = sum of ln p_i
 *     NLL = -log-likelihood                 average NLL = NLL / tokens       perplexity = exp(average NLL)
 *
 * With weights, each `ln p_i` is multiplied by its weight and the average divides by their sum.
 */

import { type Likelihood, LikelihoodAccumulator } from "./likelihoodAccumulator.ts";
import { normalizerOfRow } from "./logSoftmax.ts";

/** Which tokens count, and how much. */
export interface LikelihoodOptions {
  /** One per token: false or 0 leaves the token out. @defaultValue all count */
  readonly mask?: ArrayLike<boolean | number> | undefined;
  /** One per token, finite and >= 0. @defaultValue all 1 */
  readonly weights?: ArrayLike<number> | undefined;
}

/** {@link LikelihoodOptions}, and the target that stands for "nothing to predict here", named as in `crossEntropy` of nn-core. */
export interface LogitsLikelihoodOptions extends LikelihoodOptions {
  /** Tokens with this target are left out, as PyTorch's `ignore_index`. @defaultValue none */
  readonly ignoreIndex?: number | undefined;
}

/**
 * The likelihood of tokens that a model gave these probabilities.
 *
 * @param probabilities - Of the tokens that came, each in [0, 1] (up to 1e-6 more is taken for rounding). A 0 makes the
 * loss infinite and is named in the result.
 * @throws RangeError for other numbers, for a mask or weights of another length, and if no token is left.
 *
 * @example
 * ```ts
 * likelihoodOfProbabilities([1 / 2, 1 / 8]).averageNll; // => Math.log(4)
 * likelihoodOfProbabilities([1 / 2, 0]).nll; // => Infinity
 * ```
 */
export function likelihoodOfProbabilities(
  probabilities: ArrayLike<number>,
  options: LikelihoodOptions = {},
): Likelihood {
  return gather("likelihoodOfProbabilities", probabilities.length, options, (i) => {
    const probability = probabilities[i];
    if (!(probability >= 0 && probability <= 1 + 1e-6)) {
      throw new RangeError(
        `likelihoodOfProbabilities: expected probabilities in [0, 1], got ${probability} at index ${i}`,
      );
    }
    return Math.min(0, Math.log(probability));
  });
}

/**
 * The likelihood of tokens that a model gave these log-probabilities.
 *
 * @param logProbabilities - In nats, each at most 0; minus infinity is probability 0.
 * @throws RangeError as {@link likelihoodOfProbabilities}.
 */
export function likelihoodOfLogProbabilities(
  logProbabilities: ArrayLike<number>,
  options: LikelihoodOptions = {},
): Likelihood {
  return gather("likelihoodOfLogProbabilities", logProbabilities.length, options, (i) => {
    if (!(logProbabilities[i] <= 1e-6)) {
      throw new RangeError(
        `likelihoodOfLogProbabilities: expected log-probabilities of at most 0, got ${logProbabilities[i]} at index ${i}`,
      );
    }
    return logProbabilities[i];
  });
}

/**
 * The likelihood of `targets` under a model that gave these logits: the cross-entropy, summed in double precision.
 *
 * @param logits - `[N, V]`, row by row; V follows from the number of targets.
 * @param targets - `[N]`, each in [0, V).
 * @throws RangeError for logits that give no distribution (NaN, plus infinity, a row of minus infinity), for a target out
 * of range, for lengths that do not fit, and if no token is left.
 *
 * @example
 * ```ts
 * likelihoodOfLogits([1000, 1000, 0, Math.log(3)], [0, 1]).likelihood; // => (1 / 2) * (3 / 4)
 * ```
 */
export function likelihoodOfLogits(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: LogitsLikelihoodOptions = {},
): Likelihood {
  const caller = "likelihoodOfLogits";
  const N = targets.length;
  const V = N === 0 ? 0 : logits.length / N;
  if (N > 0 && !(Number.isInteger(V) && V > 0)) {
    throw new RangeError(`${caller}: expected logits [N, V] for ${N} targets, got ${logits.length} of them`);
  }
  const { ignoreIndex } = options;
  return gather(caller, N, options, (i) => {
    const target = targets[i];
    if (target === ignoreIndex) return undefined;
    if (!Number.isInteger(target) || target < 0 || target >= V) {
      throw new RangeError(`${caller}: expected targets from 0 to ${V - 1}, got ${target} at index ${i}`);
    }
    const { max, logSum } = normalizerOfRow(caller, logits, i * V, (i + 1) * V);
    return logits[i * V + target] - max - logSum;
  });
}

/** Adds up what `logProbabilityOf` gives for the tokens that count; undefined leaves one out. */
function gather(
  caller: string,
  length: number,
  { mask, weights }: LikelihoodOptions,
  logProbabilityOf: (index: number) => number | undefined,
): Likelihood {
  for (const [name, values] of [["mask", mask] as const, ["weights", weights] as const]) {
    if (values !== undefined && values.length !== length) {
      throw new RangeError(
        `${caller}: expected ${name} to have ${length} elements, one per token, got ${values.length}`,
      );
    }
  }
  const accumulator = new LikelihoodAccumulator();
  for (let i = 0; i < length; i++) {
    const weight = weights?.[i] ?? 1;
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(`${caller}: expected weights to be finite and >= 0, got ${weight} at index ${i}`);
    }
    const counts = (mask === undefined || Boolean(mask[i])) && weight > 0;
    const logProbability = counts ? logProbabilityOf(i) : undefined;
    if (logProbability === undefined) accumulator.skip();
    else accumulator.add(logProbability, weight);
  }
  return accumulator.result(caller);
}

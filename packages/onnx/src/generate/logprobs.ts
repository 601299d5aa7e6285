/**
 * Log-probabilities to be shown beside a token: its own and those of the best.
 */

import { finiteMaximum } from "./distribution.ts";
import { fillExponentials, weightsFor } from "./exponentials.ts";

/** A token and the logarithm of its probability, in nats. */
export interface TokenLogprob {
  readonly token: number;
  readonly logprob: number;
}

/** Most alternatives that are given for one token, as in the OpenAI API and vLLM. */
const MAX_LOGPROBS = 20;

/**
 * The most probable tokens, best first; of equal ones the lower id is first.
 *
 * @param logprobs - `[V]`, log-probabilities, or scores that grow with them.
 * @param count - How many; all where there are fewer.
 */
export function mostProbable(logprobs: Float64Array | Float32Array, count: number): TokenLogprob[] {
  const best: TokenLogprob[] = [];
  if (count < 1) return best;
  for (let token = 0; token < logprobs.length; token++) {
    const logprob = logprobs[token];
    if (best.length === count && !(logprob > best[count - 1].logprob)) continue;
    let at = best.length === count ? count - 1 : best.length;
    while (at > 0 && logprob > best[at - 1].logprob) at--;
    if (best.length === count) best.pop();
    best.splice(at, 0, { token, logprob });
  }
  return best;
}

/**
 * How probable a token is, and which ones are most probable: entries of `logProbabilities(logits)`, without computing the others.
 *
 * @param logits - `[V]`.
 * @param count - How many of the most probable tokens are wanted.
 * @throws RangeError if no logit is finite or one is NaN or plus infinity.
 */
export function scoreToken(
  logits: Float32Array,
  token: number,
  count: number,
): { readonly logprob: number; readonly topLogprobs: readonly TokenLogprob[] } {
  const largest = finiteMaximum("scoreToken", logits);
  const logSum = Math.log(fillExponentials(logits, weightsFor(logits.length), { largest }));
  const logprobOf = (logit: number): number => logit - largest - logSum;
  const topLogprobs = mostProbable(logits, count).map(({ token: best, logprob: logit }) => {
    return { token: best, logprob: logprobOf(logit) };
  });
  return { logprob: logprobOf(logits[token]), topLogprobs };
}

/** @throws RangeError unless `logprobs` is an integer from 0 to 20. */
export function checkLogprobs(caller: string, logprobs: number): void {
  if (Number.isInteger(logprobs) && logprobs >= 0 && logprobs <= MAX_LOGPROBS) return;
  throw new RangeError(`${caller}: expected logprobs to be an integer from 0 to ${MAX_LOGPROBS}, got ${logprobs}`);
}

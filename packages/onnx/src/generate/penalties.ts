/**
 * Penalties: logits of tokens that were there already are lowered, so that a text repeats itself less. Pure functions; finite
 * logits stay finite whatever the penalty is.
 *
 * The repetition penalty counts prompt and answer, as in Hugging Face's `generate`; frequency and presence penalties count the
 * answer only, as in the OpenAI API and vLLM.
 */

import { checkTokenIds } from "./tokenIds.ts";

/** How tokens that were there already are discouraged. */
export interface PenaltyOptions {
  /** {@link penalizeRepetition} of the tokens of prompt and answer, a finite number > 0; 1 is none. @defaultValue 1 */
  readonly repetitionPenalty?: number | undefined;
  /** {@link penalizeFrequency} for each time that a token was generated, in [-2, 2]. @defaultValue 0 */
  readonly frequencyPenalty?: number | undefined;
  /** {@link penalizeFrequency} for having been generated at all, in [-2, 2]. @defaultValue 0 */
  readonly presencePenalty?: number | undefined;
}

/** Largest float32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/**
 * `logit / penalty` where a seen token's logit is positive, `logit * penalty` where it is negative.
 *
 * @param logits - `[V]`, not changed.
 * @param seen - Ids of the tokens in prompt and answer.
 * @param penalty - Above 0; above 1 discourages, below 1 encourages.
 * @throws RangeError for an id that is no token.
 * @see Keskar et al. 2019, "CTRL: A Conditional Transformer Language Model for Controllable Generation", section 4.1, which
 * divides negative logits too and so encourages them; Hugging Face's form is followed.
 */
export function penalizeRepetition(logits: Float32Array, seen: ReadonlySet<number>, penalty: number): Float32Array {
  checkTokenIds("penalizeRepetition", seen, { vocabSize: logits.length, where: "seen" });
  const penalized = logits.slice();
  for (const id of seen) {
    const logit = logits[id];
    if (!Number.isFinite(logit)) continue;
    const value = logit > 0 ? logit / penalty : logit * penalty;
    penalized[id] = Math.max(-LARGEST, Math.min(value, LARGEST));
  }
  return penalized;
}

/**
 * `logit - count * frequency - presence` for every token that was generated.
 *
 * @param logits - `[V]`, not changed.
 * @param counts - How often each token was generated, at least once each.
 * @param penalty - Either may be negative, which encourages. @defaultValue 0
 * @throws RangeError for an id that is no token.
 * @see OpenAI API reference, "Frequency and presence penalties"
 */
export function penalizeFrequency(
  logits: Float32Array,
  counts: ReadonlyMap<number, number>,
  { frequency = 0, presence = 0 }: { readonly frequency?: number; readonly presence?: number },
): Float32Array {
  checkTokenIds("penalizeFrequency", counts.keys(), { vocabSize: logits.length, where: "counts" });
  const penalized = logits.slice();
  for (const [id, count] of counts) penalized[id] = logits[id] - count * frequency - presence;
  return penalized;
}

/** @throws RangeError naming the first option out of range. */
export function checkPenaltyOptions(
  caller: string,
  { repetitionPenalty = 1, frequencyPenalty = 0, presencePenalty = 0 }: PenaltyOptions,
): void {
  if (!(repetitionPenalty > 0 && repetitionPenalty < Infinity)) {
    throw new RangeError(`${caller}: expected repetitionPenalty to be a finite number > 0, got ${repetitionPenalty}`);
  }
  for (const [name, value] of Object.entries({ frequencyPenalty, presencePenalty })) {
    if (value >= -2 && value <= 2) continue;
    throw new RangeError(`${caller}: expected ${name} to be a number in [-2, 2], got ${value}`);
  }
}

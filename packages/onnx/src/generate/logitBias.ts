/**
 * Logit bias: numbers added to the logits of chosen tokens, to ask for them, to avoid them, or to rule them out.
 */

import { checkTokenIds } from "./tokenIds.ts";

/**
 * By token id, what is added to its logit: in [-100, 100], or minus infinity, which rules the token out. As in the OpenAI API, -100
 * bans a token and 100 leaves no other for all practical purposes: a token would need a lead of 100.
 */
export type LogitBias = ReadonlyMap<number, number>;

/**
 * `logit + bias` for every token in the map.
 *
 * @param logits - `[V]`, not changed.
 * @throws RangeError for an id that is no token.
 */
export function addLogitBias(logits: Float32Array, bias: LogitBias): Float32Array {
  checkTokenIds("addLogitBias", bias.keys(), { vocabSize: logits.length, where: "the bias" });
  const biased = logits.slice();
  for (const [id, value] of bias) biased[id] += value;
  return biased;
}

/** @throws TypeError for what is no Map; RangeError for ids and numbers out of range, and where every token is ruled out. */
export function checkLogitBias(caller: string, bias: LogitBias, vocabSize: number): void {
  if (!(bias instanceof Map)) {
    throw new TypeError(`${caller}: expected logitBias to be a Map from token id to number, got ${typeof bias}`);
  }
  checkTokenIds(caller, bias.keys(), { vocabSize, where: "logitBias" });
  let ruledOut = 0;
  for (const [id, value] of bias) {
    if (value === -Infinity) ruledOut++;
    else if (!(value >= -100 && value <= 100)) {
      throw new RangeError(
        `${caller}: expected logitBias of token ${id} to be in [-100, 100] or -Infinity, got ${value}`,
      );
    }
  }
  if (ruledOut === vocabSize) {
    throw new RangeError(`${caller}: expected logitBias to leave a token, got -Infinity for all ${vocabSize}`);
  }
}

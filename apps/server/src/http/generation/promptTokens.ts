/**
 * From the text of a prompt to its tokens, in bounded time.
 */

import type { EncodeOptions, Tokenizer } from "@llm-learning/tokenizers";
import type { ServedModel } from "../../model/servedModel.ts";
import { HttpError } from "../errors.ts";
import { checkTokenIds, contextExceeded } from "./taskOptions.ts";

/** Length of the longest spelling of a token, by tokenizer. */
const longestTokens = new WeakMap<Tokenizer, number>();

/** A prompt that has been encoded. */
export interface Prompt {
  /** At least one. */
  readonly tokens: readonly number[];
  /** What it says, without a begin token that was added; undefined where the request has tokens. */
  readonly text: string | undefined;
  readonly hasAddedBegin: boolean;
}

/**
 * The prompts of a request: one or several, as texts or as tokens. To encode a text takes up to some tenths of a second, so that other
 * requests have their turn after each.
 *
 * @param beginning - As for {@link textPrompt}.
 * @throws HttpError for the first prompt that cannot be.
 */
export async function promptsOf(
  model: ServedModel,
  given: string | readonly (string | number | readonly number[])[],
  { beginning }: { beginning: boolean },
): Promise<Prompt[]> {
  const isOne = typeof given === "string" || typeof given[0] === "number";
  const all = (isOne ? [given] : given) as readonly (string | readonly number[])[];
  const prompts: Prompt[] = [];
  for (const one of all) {
    if (prompts.length > 0) await new Promise((resolve) => void setImmediate(resolve));
    prompts.push(typeof one === "string" ? textPrompt(model, one, { beginning }) : tokenPrompt(model, one));
  }
  return prompts;
}

/**
 * A text as a prompt, special tokens among its tokens where it spells them.
 *
 * @param beginning - Whether the model's begin token comes first; it is not added to a text that spells it.
 * @throws HttpError for a text that cannot fit the context, before it is encoded, and for one of no tokens at all.
 */
export function textPrompt(model: ServedModel, text: string, { beginning }: { beginning: boolean }): Prompt {
  checkTextLength(model, text);
  return begun(model, { tokens: encodedText(model.tokenizer, text), text, beginning });
}

/** @throws HttpError for a text that the tokenizer cannot spell: one of characters may not have all of them. */
export function encodedText(tokenizer: Tokenizer, text: string, options?: EncodeOptions): number[] {
  try {
    return [...tokenizer.encode(text, options)];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // What follows is advice to programmers.
    const [reason] = error.message.split("; ");
    throw new HttpError(400, `the model's tokenizer cannot spell the text: ${reason}`, { code: "unknown_text" });
  }
}

/** Tokens with the model's begin token before them, where that is wanted and where it is not there yet. */
export function begun(
  { beginId }: ServedModel,
  { tokens, text, beginning }: { tokens: readonly number[]; text: string; beginning: boolean },
): Prompt {
  if (beginning && beginId !== undefined && tokens[0] !== beginId) {
    return { tokens: [beginId, ...tokens], text, hasAddedBegin: true };
  }
  if (tokens.length > 0) return { tokens, text, hasAddedBegin: false };
  throw new HttpError(400, "prompt: expected at least one token, got none; this model has no token that begins texts", {
    param: "prompt",
  });
}

/**
 * Tokens as a prompt.
 *
 * @throws HttpError for ids that are no tokens, and for more than the context holds.
 */
export function tokenPrompt(model: ServedModel, tokens: readonly number[]): Prompt {
  const { blockSize } = model.engine;
  if (tokens.length > blockSize) throw contextExceeded(blockSize, `${tokens.length} tokens`);
  checkTokenIds("prompt", tokens, model);
  return { tokens, text: undefined, hasAddedBegin: false };
}

/**
 * No token spells more than the longest one, so a text of more than a context of those needs no encoding to be refused. (A spelling
 * has a character for each byte or each character, so it is never shorter than the text that it stands for.)
 */
export function checkTextLength({ engine: { blockSize }, tokenizer }: ServedModel, text: string): void {
  let longest = longestTokens.get(tokenizer);
  if (longest === undefined) {
    longest = 1;
    for (let id = 0; id < tokenizer.vocabSize; id++) longest = Math.max(longest, tokenizer.idToToken(id).length);
    longestTokens.set(tokenizer, longest);
  }
  const least = Math.ceil(text.length / longest);
  if (least > blockSize) throw contextExceeded(blockSize, `at least ${least} tokens`);
}

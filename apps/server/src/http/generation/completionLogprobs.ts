/**
 * Log-probabilities in the form of legacy completions: columns `tokens`, `token_logprobs`, `top_logprobs`, `text_offset`.
 *
 * @see https://platform.openai.com/docs/api-reference/completions/object
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import type { ScoredToken } from "../../engine/engine.ts";
import { legacyText, shownBytes, shownLogprob } from "./tokenText.ts";

/** A row for each token; the first token of a prompt has no probability. */
export interface CompletionLogprobs {
  readonly tokens: string[];
  readonly token_logprobs: (number | null)[];
  /** The most probable tokens, and always the one that was chosen: up to one more than asked for. */
  readonly top_logprobs: (Record<string, number> | null)[];
  /** Characters (code points, as Python counts) of the choice's text before the token. */
  readonly text_offset: number[];
}

export function noLogprobs(): CompletionLogprobs {
  return { tokens: [], token_logprobs: [], top_logprobs: [], text_offset: [] };
}

/** Writes the tokens of one text one after the other. A token in the middle of a character has that character's offset. */
export class CompletionLogprobsWriter {
  readonly #tokenizer: Tokenizer;
  readonly #specialIds: ReadonlySet<number>;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #offset = 0;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    this.#specialIds = new Set(tokenizer.specialTokens.values());
  }

  /**
   * @param hides - Whether the text is without this token although it comes at this place.
   * @param specialTokens - Whether special tokens are part of the text.
   */
  write(
    into: CompletionLogprobs,
    { token, logprob, topLogprobs = [] }: ScoredToken,
    { specialTokens, hides = false }: { specialTokens: boolean; hides?: boolean },
  ): void {
    const bytes = shownBytes(this.#tokenizer, token);
    const text = legacyText(bytes);
    into.tokens.push(text);
    into.text_offset.push(this.#offset);
    into.token_logprobs.push(logprob === undefined ? null : shownLogprob(logprob));
    if (logprob === undefined) {
      into.top_logprobs.push(null);
    } else {
      // Without a prototype, since a token may be spelled like anything.
      const top = Object.create(null) as Record<string, number>;
      for (const other of topLogprobs) {
        top[legacyText(shownBytes(this.#tokenizer, other.token))] ??= shownLogprob(other.logprob);
      }
      top[text] ??= shownLogprob(logprob);
      into.top_logprobs.push(top);
    }
    if (hides || (!specialTokens && this.#specialIds.has(token))) return;
    for (const _ of this.#decoder.decode(bytes, { stream: true })) this.#offset++;
  }
}

/**
 * Special tokens: ids that stand for no text of their own, such as `<|endoftext|>`, and the search for their
 * spellings inside a text.
 *
 * Matching follows Hugging Face's added tokens without flags: leftmost first, the longest where several begin at one
 * place. One scan over the text finds all of them, however many there are.
 */

import { describe, quote } from "./describe.ts";
import type { EncodeOptions } from "./tokenizer.ts";

/** A stretch of text: a special token if `id` is a number, ordinary text if it is `undefined`. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly id: number | undefined;
}

/** The special tokens of one tokenizer. */
export class SpecialTokens {
  /** Spelling to id, in id order. */
  readonly ids: ReadonlyMap<string, number>;
  readonly #pattern: RegExp | undefined;
  readonly #idSet: ReadonlySet<number>;

  /** @param ids - Spelling to id; the spellings have passed {@link checkSpecialTokens}. */
  constructor(ids: ReadonlyMap<string, number>) {
    this.ids = new Map([...ids].toSorted((a, b) => a[1] - b[1]));
    this.#idSet = new Set(ids.values());
    const longestFirst = [...ids.keys()].toSorted((a, b) => b.length - a.length);
    this.#pattern = ids.size > 0 ? new RegExp(longestFirst.map(escapePattern).join("|"), "gu") : undefined;
  }

  /** Whether an id is that of a special token. */
  has(id: number): boolean {
    return this.#idSet.has(id);
  }

  /**
   * Cuts a text at its special tokens.
   *
   * @param caller - Name of the public function, which begins the messages.
   * @param text - The text to encode.
   * @param options - The caller's options.
   * @returns Segments that cover the text in order; empty stretches are left out.
   * @throws TypeError if `text` is not a string; RangeError for an unknown option value, or for a special token in the
   * text under `"error"`.
   */
  split(caller: string, text: string, { specialTokens = "match" }: EncodeOptions = {}): Segment[] {
    if (typeof text !== "string") throw new TypeError(`${caller}: expected a string, got ${describe(text)}`);
    if (specialTokens !== "match" && specialTokens !== "text" && specialTokens !== "error") {
      throw new RangeError(
        `${caller}: expected specialTokens "match", "text" or "error", got ${describe(specialTokens)}`,
      );
    }
    const segments: Segment[] = [];
    let start = 0;
    if (this.#pattern !== undefined && specialTokens !== "text") {
      for (const match of text.matchAll(this.#pattern)) {
        if (specialTokens === "error") {
          throw new RangeError(
            `${caller}: expected text without special tokens, got ${quote(match[0])} at index ${match.index}; ` +
              `pass specialTokens: "match" to encode it as the special token, or "text" as ordinary text`,
          );
        }
        if (match.index > start) segments.push({ start, end: match.index, id: undefined });
        start = match.index + match[0].length;
        segments.push({ start: match.index, end: start, id: this.ids.get(match[0]) });
      }
    }
    if (start < text.length) segments.push({ start, end: text.length, id: undefined });
    return segments;
  }
}

/**
 * Checks the spellings of special tokens.
 *
 * @param caller - Name of the public function, which begins the messages.
 * @param tokens - The spellings.
 * @returns The spellings as an array.
 * @throws TypeError if one is not a string; RangeError if one is empty, repeated or holds a lone surrogate.
 */
export function checkSpecialTokens(caller: string, tokens: readonly string[]): string[] {
  if (!Array.isArray(tokens)) {
    throw new TypeError(`${caller}: expected specialTokens to be an array of strings, got ${describe(tokens)}`);
  }
  const seen = new Set<string>();
  for (const token of tokens) {
    checkSpecialToken(caller, token);
    if (seen.has(token)) throw new RangeError(`${caller}: expected distinct special tokens, got ${quote(token)} twice`);
    seen.add(token);
  }
  return [...seen];
}

/** Checks the spelling of one special token; see {@link checkSpecialTokens}. */
export function checkSpecialToken(caller: string, token: string): void {
  if (typeof token !== "string") {
    throw new TypeError(`${caller}: expected a special token to be a string, got ${describe(token)}`);
  }
  if (token === "") throw new RangeError(`${caller}: expected a special token of at least one character, got ""`);
  if (/\p{Surrogate}/u.test(token)) {
    throw new RangeError(`${caller}: expected a special token without lone surrogates, got ${quote(token)}`);
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

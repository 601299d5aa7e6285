/**
 * Special tokens: ids that stand for no text of their own, such as `<|endoftext|>`, and the search for their
 * spellings inside a text.
 *
 * Matching follows Hugging Face's added tokens without flags: leftmost first, the longest where several begin at one
 * place. The text is scanned once, for the first units of all spellings together; where one occurs, one look-up per
 * distinct length decides. Time thus hardly depends on how many special tokens there are.
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
  readonly #idSet: ReadonlySet<number>;
  /** Finds the UTF-16 units that begin a special token; `undefined` where there are no special tokens. */
  readonly #firstUnit: RegExp | undefined;
  /** Distinct lengths of the spellings, longest first. */
  readonly #lengths: readonly number[];

  /** @param ids - Spelling to id; the spellings have passed {@link checkSpecialToken}. */
  constructor(ids: ReadonlyMap<string, number>) {
    this.ids = new Map([...ids].toSorted((a, b) => a[1] - b[1]));
    this.#idSet = new Set(ids.values());
    this.#lengths = [...new Set([...ids.keys()].map((token) => token.length))].toSorted((a, b) => b - a);
    const units = new Set([...ids.keys()].map((token) => token.charCodeAt(0).toString(16).padStart(4, "0")));
    this.#firstUnit = ids.size > 0 ? new RegExp(`[\\u${[...units].join("\\u")}]`, "g") : undefined;
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
    const pattern = specialTokens === "text" ? undefined : this.#firstUnit;
    if (pattern !== undefined) pattern.lastIndex = 0;
    for (let match = pattern?.exec(text); match; match = pattern?.exec(text)) {
      const token = this.#longestAt(text, match.index);
      if (token === undefined) continue;
      if (specialTokens === "error") {
        throw new RangeError(
          `${caller}: expected text without special tokens, got ${quote(token)} at index ${match.index}; ` +
            `pass specialTokens: "match" to encode it as the special token, or "text" as ordinary text`,
        );
      }
      if (match.index > start) segments.push({ start, end: match.index, id: undefined });
      start = match.index + token.length;
      segments.push({ start: match.index, end: start, id: this.ids.get(token) });
      pattern!.lastIndex = start;
    }
    if (start < text.length) segments.push({ start, end: text.length, id: undefined });
    return segments;
  }

  /** The longest special token that begins at `index`, if one does. */
  #longestAt(text: string, index: number): string | undefined {
    for (const length of this.#lengths) {
      const candidate = text.slice(index, index + length);
      if (this.ids.has(candidate)) return candidate;
    }
    return undefined;
  }
}

/**
 * Checks the spellings of special tokens.
 *
 * @param caller - Name of the public function, which begins the messages.
 * @param tokens - The spellings.
 * @returns The distinct spellings, in order.
 * @throws TypeError if one is not a string; RangeError if one is empty, repeated or holds a lone surrogate.
 */
export function checkSpecialTokens(caller: string, tokens: readonly string[]): Set<string> {
  if (!Array.isArray(tokens)) {
    throw new TypeError(`${caller}: expected specialTokens to be an array of strings, got ${describe(tokens)}`);
  }
  const seen = new Set<string>();
  for (const token of tokens) {
    checkSpecialToken(caller, token);
    if (seen.has(token)) throw new RangeError(`${caller}: expected distinct special tokens, got ${quote(token)} twice`);
    seen.add(token);
  }
  return seen;
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

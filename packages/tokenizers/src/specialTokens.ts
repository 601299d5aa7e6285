/**
 * Special tokens: ids that stand for no text of their own, such as `<|endoftext|>`, and the search for their
 * spellings inside a text.
 *
 * Matching follows Hugging Face's added tokens without flags: leftmost first, the longest where several begin at one
 * place. The text is scanned once, for the first units of all spellings together; where one occurs, a tree of the spellings
 * decides. Time thus does not depend on how many special tokens there are, only on how long.
 */

import { describe, quote } from "./describe.ts";
import type { EncodeOptions } from "./tokenizer.ts";

/** A stretch of text: a special token if `id` is a number, ordinary text if it is `undefined`. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly id: number | undefined;
}

/** The special tokens that begin alike: by their next unit, and the id of the one that ends here. */
interface Branch {
  readonly next: Map<number, Branch>;
  id?: number;
}

/** The special tokens of one tokenizer. */
export class SpecialTokens {
  /** Spelling to id, in id order. */
  readonly ids: ReadonlyMap<string, number>;
  readonly #idSet: ReadonlySet<number>;
  /** Finds the UTF-16 units that begin a special token; `undefined` where there are no special tokens. */
  readonly #firstUnit: RegExp | undefined;
  readonly #root: Branch = { next: new Map() };

  /** @param ids - Spelling to id; the spellings have passed {@link checkSpecialToken}. */
  constructor(ids: ReadonlyMap<string, number>) {
    this.ids = new Map([...ids].toSorted((a, b) => a[1] - b[1]));
    this.#idSet = new Set(ids.values());
    const units = new Set([...ids.keys()].map((token) => token.charCodeAt(0).toString(16).padStart(4, "0")));
    this.#firstUnit = ids.size > 0 ? new RegExp(`[\\u${[...units].join("\\u")}]`, "g") : undefined;
    for (const [token, id] of ids) {
      let branch = this.#root;
      for (let at = 0; at < token.length; at++) {
        const next = branch.next.get(token.charCodeAt(at)) ?? { next: new Map() };
        branch.next.set(token.charCodeAt(at), next);
        branch = next;
      }
      branch.id = id;
    }
  }

  /** Whether an id is that of a special token. */
  has(id: number): boolean {
    return this.#idSet.has(id);
  }

  /** The first special token of a text that begins at `from` or later, the longest where several begin at one place. */
  find(text: string, from: number): Segment | undefined {
    const pattern = this.#firstUnit;
    if (pattern === undefined) return undefined;
    pattern.lastIndex = from;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const found = this.#longestAt(text, match.index);
      if (found !== undefined) return found;
    }
    return undefined;
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
    for (
      let found = specialTokens === "text" ? undefined : this.find(text, 0);
      found !== undefined;
      found = this.find(text, start)
    ) {
      if (specialTokens === "error") {
        throw new RangeError(
          `${caller}: expected text without special tokens, got ${quote(text.slice(found.start, found.end))} at index ${found.start}; ` +
            `pass specialTokens: "match" to encode it as the special token, or "text" as ordinary text`,
        );
      }
      if (found.start > start) segments.push({ start, end: found.start, id: undefined });
      segments.push(found);
      start = found.end;
    }
    if (start < text.length) segments.push({ start, end: text.length, id: undefined });
    return segments;
  }

  /** The longest special token that begins at `start`, if one does. */
  #longestAt(text: string, start: number): Segment | undefined {
    let found: Segment | undefined;
    let branch = this.#root.next.get(text.charCodeAt(start));
    for (let end = start + 1; branch !== undefined; end++) {
      if (branch.id !== undefined) found = { start, end, id: branch.id };
      branch = end < text.length ? branch.next.get(text.charCodeAt(end)) : undefined;
    }
    return found;
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

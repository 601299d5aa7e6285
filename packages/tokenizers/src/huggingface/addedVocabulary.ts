/**
 * The added tokens of a tokenizer: their ids, and where they stand in a text.
 *
 * As in Hugging Face's library an added token has the id of the model's token of the same spelling, if there is one, and otherwise the next
 * id after all others: the ids beside the added tokens in a file are not looked at.
 */

import { libraryClasses, WORD } from "../unicode/libraryClasses.ts";
import { characterClasses, SPACE } from "../unicode/characterClasses.ts";
import { type AddedToken, addedTokenJson, isSameToken } from "./addedToken.ts";
import { AlignedText } from "./alignedText.ts";
import type { Vocabulary } from "./models/model.ts";
import type { Normalizer } from "./normalizers/normalizer.ts";
import { Spellings } from "./spellings.ts";

/** A stretch of text: an added token, or with id -1 text for the model. */
export interface Segment {
  readonly text: AlignedText;
  readonly id: number;
}

/** Added tokens. Immutable. */
export class AddedVocabulary {
  readonly normalizer: Normalizer | undefined;
  /** How many tokens were new or changed when it was made. */
  readonly changes: number;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #tokens: ReadonlyMap<number, AddedToken>;
  readonly #special: ReadonlySet<string>;
  /** Normalized spellings where they differ. */
  readonly #normalized: ReadonlyMap<number, string>;
  /** Tokens to look for in the text as it comes, and in the normalized one. */
  readonly #raw: Spellings;
  readonly #late: Spellings;

  /** @param before - What tokens are added to. */
  constructor(
    model: Vocabulary,
    normalizer: Normalizer | undefined,
    added: readonly AddedToken[],
    before?: AddedVocabulary,
  ) {
    this.normalizer = normalizer;
    let changes = 0;
    const ids = new Map(before === undefined ? [] : before.#ids);
    const tokens = new Map(before === undefined ? [] : before.#tokens);
    const special = new Set(before === undefined ? [] : before.#special);
    const normalized = new Map(before === undefined ? [] : before.#normalized);
    let nextId = model.size;
    for (const id of tokens.keys()) nextId = Math.max(nextId, id + 1);
    for (const token of added) {
      const { content } = token;
      const known = tokens.get(ids.get(content) ?? -1);
      if (content === "" || (known !== undefined && isSameToken(known, token))) continue;
      const id = ids.get(content) ?? model.idOf(content) ?? nextId++;
      if (token.normalized && normalizer !== undefined) {
        const { text } = normalizer.normalize(AlignedText.of(content));
        if (text !== content) normalized.set(id, text);
      }
      ids.set(content, id);
      if (token.special) special.add(content);
      tokens.set(id, token);
      changes++;
    }
    this.changes = changes;
    this.#ids = ids;
    this.#tokens = tokens;
    this.#special = special;
    this.#normalized = normalized;
    const ordered = [...tokens].toSorted((a, b) => a[0] - b[0]);
    this.#raw = new Spellings(
      ordered.filter(([, token]) => !token.normalized).map(([id, token]) => [token.content, id]),
    );
    this.#late = new Spellings(
      ordered.filter(([, token]) => token.normalized).map(([id, token]) => [normalized.get(id) ?? token.content, id]),
    );
  }

  /** Spelling to id. */
  get ids(): ReadonlyMap<string, number> {
    return this.#ids;
  }

  /** Id to token, in id order. */
  get tokens(): ReadonlyMap<number, AddedToken> {
    return new Map([...this.#tokens].toSorted((a, b) => a[0] - b[0]));
  }

  /** The spelling of an added token, in its normalized form where it is looked for in that. */
  tokenOf(id: number): string | undefined {
    return this.#normalized.get(id) ?? this.#tokens.get(id)?.content;
  }

  /** Whether a spelling is that of a special token. */
  isSpecial(spelling: string): boolean {
    return this.#special.has(spelling);
  }

  /** As in a `tokenizer.json`. */
  toJSON(): Record<string, unknown>[] {
    return Array.from(this.tokens, ([id, token]) => addedTokenJson(id, token));
  }

  /**
   * Normalizes a text and cuts it at the added tokens; empty stretches are left out.
   *
   * @param findsSpecial - Whether special tokens are found, or are text like any other.
   */
  segments(text: string, findsSpecial: boolean): Segment[] {
    const segments: Segment[] = [];
    for (const raw of this.#cut(AlignedText.of(text), this.#raw, findsSpecial)) {
      if (raw.id >= 0) segments.push(raw);
      else {
        const normalized = this.normalizer === undefined ? raw.text : this.normalizer.normalize(raw.text);
        for (const late of this.#cut(normalized, this.#late, findsSpecial)) segments.push(late);
      }
    }
    return segments;
  }

  #cut(aligned: AlignedText, spellings: Spellings, findsSpecial: boolean): Segment[] {
    const { text } = aligned;
    const segments: Segment[] = [];
    const add = (start: number, end: number, id: number): void => {
      if (start < end) segments.push({ text: aligned.slice(start, end), id });
    };
    let from = 0;
    let next = 0;
    for (;;) {
      const found = spellings.next(text, next);
      if (found === undefined) break;
      next = found.end;
      const token = this.#tokens.get(found.id);
      if (token === undefined || (!findsSpecial && this.#special.has(token.content))) continue;
      if (token.singleWord && isInWord(text, found.start, found.end)) continue;
      let { start, end } = found;
      if (token.lstrip) while (start > from && isSpace(text, start - 1)) start--;
      if (token.rstrip) while (end < text.length && isSpace(text, end)) end++;
      add(from, start, -1);
      add(start, end, found.id);
      from = end;
    }
    add(from, text.length, -1);
    return segments;
  }
}

function isInWord(text: string, start: number, end: number): boolean {
  const before = start >= 2 && text.codePointAt(start - 2)! > 0xffff ? start - 2 : start - 1;
  if (start > 0 && isWord(text.codePointAt(before)!)) return true;
  return end < text.length && isWord(text.codePointAt(end)!);
}

/** All white space is in the basic plane. */
function isSpace(text: string, at: number): boolean {
  return (characterClasses()[text.charCodeAt(at)] & SPACE) !== 0;
}

function isWord(point: number): boolean {
  return (libraryClasses()[point] & WORD) !== 0;
}

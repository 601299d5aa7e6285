/**
 * The character-level tokenizer: one token per Unicode code point of a known set of characters.
 *
 * This is the tokenizer of makemore and of nanoGPT's character data: the vocabulary is the sorted set of the
 * characters of the training text, `sorted(set(text))` in Python. A character is a code point, so that ids and lengths
 * agree with Python's; an emoji joined from several code points is several tokens. Text is not normalized.
 */

import { characterVocabulary, type CharacterTokenizerOptions } from "./characterVocabulary.ts";
import { codePointsOf, isSingleCharacter } from "./codePoints.ts";
import { describe, quote } from "./describe.ts";
import { checkId, indexedIds } from "./ids.ts";
import { SpecialTokens } from "./specialTokens.ts";
import type { DecodeOptions, DecodeStream, EncodeOptions, Tokenizer } from "./tokenizer.ts";
import { tokenizerDocument, type TokenizerJson } from "./tokenizerJson.ts";
import { encodeUtf8 } from "./utf8.ts";

/** UTF-16 units that `decode` turns into a string at a time: engines limit the number of arguments. */
const CHUNK = 4096;

/**
 * Tokens are the characters of a given set; ids are their places in it.
 *
 * @example
 * ```ts
 * const tokenizer = CharacterTokenizer.fromText("hello");
 * tokenizer.vocabSize; // => 4
 * [...tokenizer.encode("hole")]; // => [1, 3, 2, 0]
 * tokenizer.decode([1, 3, 2, 0]); // => "hole"
 * ```
 */
export class CharacterTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number>;

  /** The token for characters outside the vocabulary, if there is one. */
  readonly unknown: string | undefined;

  readonly #specials: SpecialTokens;
  readonly #tokens: readonly string[];
  readonly #tokenIds: ReadonlyMap<string, number>;
  /** Id of each UTF-16 unit up to the highest in the vocabulary, -1 where there is none. */
  readonly #unitIds: Int32Array;
  readonly #unknownId: number;

  private constructor(caller: string, characters: Iterable<string>, options: CharacterTokenizerOptions) {
    const { ids, specialTokens } = characterVocabulary(caller, characters, options);
    this.#tokenIds = ids;
    this.#tokens = [...ids.keys()];
    this.vocabSize = this.#tokens.length;
    this.unknown = options.unknown;
    this.#unknownId = this.unknown === undefined ? -1 : ids.get(this.unknown)!;
    this.#specials = new SpecialTokens(new Map([...specialTokens].map((token) => [token, ids.get(token)!])));
    this.specialTokens = this.#specials.ids;

    const units = this.#tokens.filter((token) => token.length === 1);
    this.#unitIds = new Int32Array(units.reduce((highest, token) => Math.max(highest, token.charCodeAt(0)), -1) + 1);
    this.#unitIds.fill(-1);
    for (const token of units) this.#unitIds[token.charCodeAt(0)] = ids.get(token)!;
  }

  /**
   * Makes the vocabulary of a text: its distinct characters in code point order, as Python's `sorted(set(text))`.
   *
   * @param text - The training text, or its pieces in order; a lone surrogate counts as U+FFFD.
   * @param options - An unknown token and special tokens, if any.
   * @throws TypeError if `text` is neither a string nor strings; RangeError if it is empty, and the errors of special
   * tokens as in `fromCharacters`.
   */
  static fromText(text: string | Iterable<string>, options: CharacterTokenizerOptions = {}): CharacterTokenizer {
    const codePoints = [...codePointsOf("CharacterTokenizer.fromText", text)].toSorted((a, b) => a - b);
    const characters = codePoints.map((codePoint) => String.fromCodePoint(codePoint));
    return new CharacterTokenizer("CharacterTokenizer.fromText", characters, options);
  }

  /**
   * Makes a tokenizer of given characters, in the given order: the first gets id 0.
   *
   * @param characters - Distinct characters, as one string or one by one; special tokens may stand among them.
   * @param options - An unknown token and special tokens, if any.
   * @throws TypeError if `characters` is not iterable; RangeError if one is not a single code point, is a lone surrogate
   * or repeats, if there is none, or if a special token is empty, repeated or holds a lone surrogate.
   */
  static fromCharacters(characters: Iterable<string>, options: CharacterTokenizerOptions = {}): CharacterTokenizer {
    const caller = "CharacterTokenizer.fromCharacters";
    if (typeof characters !== "string" && typeof characters?.[Symbol.iterator] !== "function") {
      throw new TypeError(`${caller}: expected a string or an iterable of characters, got ${describe(characters)}`);
    }
    return new CharacterTokenizer(caller, characters, options);
  }

  /**
   * Turns text into ids, one per character.
   *
   * @throws RangeError at the first character outside the vocabulary, if there is no unknown token; the message names
   * it, its code point and its index in UTF-16 units.
   */
  encode(text: string, options?: EncodeOptions): Uint32Array {
    const segments = this.#specials.split("CharacterTokenizer.encode", text, options);
    const ids = new Uint32Array(text.length);
    let count = 0;
    for (const { start, end, id } of segments) {
      if (id === undefined) count = this.#encodeOrdinary(text, start, end, ids, count);
      else ids[count++] = id;
    }
    return count === ids.length ? ids : ids.slice(0, count);
  }

  decode(ids: Iterable<number> | ArrayLike<number>, { skipSpecialTokens = false }: DecodeOptions = {}): string {
    const indexed = indexedIds("CharacterTokenizer.decode", ids);
    const tokens = this.#tokens;
    const units = new Uint16Array(CHUNK);
    let count = 0;
    let text = "";
    for (let i = 0; i < indexed.length; i++) {
      const id = indexed[i];
      checkId("CharacterTokenizer.decode", id, tokens.length);
      if (skipSpecialTokens && this.#specials.has(id)) continue;
      const token = tokens[id];
      if (count + token.length > CHUNK) {
        text += fromUnits(units, count);
        count = 0;
      }
      if (token.length > CHUNK) text += token;
      else for (let unit = 0; unit < token.length; unit++) units[count++] = token.charCodeAt(unit);
    }
    return text + fromUnits(units, count);
  }

  decodeStream({ skipSpecialTokens = false }: DecodeOptions = {}): DecodeStream {
    return {
      push: (id) => {
        checkId("DecodeStream.push", id, this.vocabSize);
        return skipSpecialTokens && this.#specials.has(id) ? "" : this.#tokens[id];
      },
      end: () => "",
    };
  }

  /**
   * Counts the characters of a text that are outside the vocabulary: what `encode` would reject or replace.
   *
   * @param text - Any string; special tokens in it count as ordinary text.
   * @returns Each such character with its number of occurrences, in code point order; a lone surrogate counts as U+FFFD.
   */
  unknownCharacters(text: string): Map<string, number> {
    if (typeof text !== "string") {
      throw new TypeError(`CharacterTokenizer.unknownCharacters: expected a string, got ${describe(text)}`);
    }
    const counts = new Map<string, number>();
    for (const character of text) {
      const known = isSingleCharacter(character) ? character : "\uFFFD";
      if (!this.#tokenIds.has(known)) counts.set(known, (counts.get(known) ?? 0) + 1);
    }
    return new Map([...counts].toSorted((a, b) => a[0].codePointAt(0)! - b[0].codePointAt(0)!));
  }

  idToToken(id: number): string {
    checkId("CharacterTokenizer.idToToken", id, this.vocabSize);
    return this.#tokens[id];
  }

  tokenToId(token: string): number | undefined {
    if (typeof token !== "string") {
      throw new TypeError(`CharacterTokenizer.tokenToId: expected a string, got ${describe(token)}`);
    }
    return this.#tokenIds.get(token);
  }

  tokenBytes(id: number): Uint8Array {
    checkId("CharacterTokenizer.tokenBytes", id, this.vocabSize);
    return encodeUtf8(this.#tokens[id]);
  }

  toJSON(): TokenizerJson {
    return tokenizerDocument({
      vocab: this.#tokenIds,
      merges: [],
      specialTokens: this.specialTokens,
      unknown: this.unknown,
      preTokenizer: null,
      decoder: { type: "Fuse" },
    });
  }

  /** Encodes `text` from `start` to `end` into `ids` from `count` on; returns the new count. */
  #encodeOrdinary(text: string, start: number, end: number, ids: Uint32Array, count: number): number {
    const unitIds = this.#unitIds;
    for (let i = start; i < end; i++) {
      const unit = text.charCodeAt(i);
      const id = unit < unitIds.length ? unitIds[unit] : -1;
      if (id >= 0) {
        ids[count++] = id;
      } else {
        const character = String.fromCodePoint(text.codePointAt(i)!);
        ids[count++] = this.#rareId(character, i);
        i += character.length - 1;
      }
    }
    return count;
  }

  /** Id of a character that the table of units does not have: beyond U+FFFF, a lone surrogate, or unknown. */
  #rareId(character: string, index: number): number {
    const lone = !isSingleCharacter(character);
    const id = this.#tokenIds.get(lone ? "\uFFFD" : character) ?? this.#unknownId;
    if (id >= 0) return id;
    const codePoint = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    throw new RangeError(
      `CharacterTokenizer.encode: expected characters of the vocabulary (vocabSize ${this.vocabSize}), got ` +
        `${quote(character)} (U+${codePoint}${lone ? ", a lone surrogate" : ""}) at index ${index}; add it to the ` +
        `characters, pass unknown: "<unk>" when making the tokenizer, or list all such with unknownCharacters(text)`,
    );
  }
}

/** The string of the first `count` units. */
function fromUnits(units: Uint16Array, count: number): string {
  return Reflect.apply(String.fromCharCode, null, units.subarray(0, count));
}

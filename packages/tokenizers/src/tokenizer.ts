/**
 * What every tokenizer of this package can do: turn text into token ids and back, and write itself down.
 *
 * A model sees nothing but integers from 0 to `vocabSize - 1`; a tokenizer is the fixed, reversible code between
 * those integers and text. This file holds the contract only; each kind of tokenizer has a file of its own.
 */

import type { TokenizerJson } from "./tokenizerJson.ts";

/** A fixed vocabulary and the two directions of the code: text to ids, ids to text. */
export interface Tokenizer {
  /** Number of ids, special tokens included; the valid ids are 0 to `vocabSize - 1`, without holes. */
  readonly vocabSize: number;

  /** The special tokens and their ids, in id order; empty where there are none. */
  readonly specialTokens: ReadonlyMap<string, number>;

  /**
   * Turns text into ids.
   *
   * @param text - Any string; a lone surrogate counts as U+FFFD, as every UTF-8 encoder writes it.
   * @param options - How to treat the spelling of a special token inside the text.
   * @returns One id per token, in order; `""` gives an empty array.
   * @throws TypeError if `text` is not a string.
   */
  encode(text: string, options?: EncodeOptions): Uint32Array;

  /**
   * Turns ids into text, the inverse of {@link Tokenizer.encode}.
   *
   * @param ids - Any array, typed array or iterable of ids; special tokens decode to their own spelling.
   * @param options - Whether to leave special tokens out.
   * @returns The text; bytes that are not valid UTF-8 become U+FFFD.
   * @throws RangeError if an id is not an integer from 0 to `vocabSize - 1`.
   */
  decode(ids: Iterable<number> | ArrayLike<number>, options?: DecodeOptions): string;

  /**
   * Starts decoding ids one at a time, as a model generates them. Each stream has its own state.
   *
   * @param options - Whether to leave special tokens out.
   */
  decodeStream(options?: DecodeOptions): DecodeStream;

  /**
   * The token of an id, spelled as in `tokenizer.json` (for a byte this is its printable stand-in, not its text).
   *
   * @throws RangeError if the id is not an integer from 0 to `vocabSize - 1`.
   */
  idToToken(id: number): string;

  /** The id of a token spelled as in `tokenizer.json`, or `undefined` if the vocabulary has no such token. */
  tokenToId(token: string): number | undefined;

  /**
   * The bytes that a token stands for inside a text, which may be part of a character; those of all ids, joined, are the UTF-8 of the
   * text. A special token stands for its own spelling.
   *
   * @returns A fresh array, empty where the ids have a hole.
   * @throws RangeError if the id is not an integer from 0 to `vocabSize - 1`, or where a token has no bytes of its own, since the text
   * of a token depends on others.
   */
  tokenBytes(id: number): Uint8Array;

  /** The content of a Hugging Face `tokenizer.json`: a fresh plain object, ready for `JSON.stringify`. */
  toJSON(): TokenizerJson;
}

/** Options of {@link Tokenizer.encode}. */
export interface EncodeOptions {
  /**
   * What the spelling of a special token inside the text means. `"match"`: the special token, leftmost and longest
   * first, as Hugging Face tokenizers do. `"text"`: ordinary text, the choice for text by strangers that must not
   * smuggle in control tokens. `"error"`: a RangeError, as tiktoken does.
   *
   * @defaultValue "match"
   */
  readonly specialTokens?: "match" | "text" | "error";
}

/** Options of {@link Tokenizer.decode} and {@link Tokenizer.decodeStream}. */
export interface DecodeOptions {
  /**
   * Leaves special tokens out of the text.
   *
   * @defaultValue false
   */
  readonly skipSpecialTokens?: boolean;
}

/** Decodes ids one by one; the strings it gives, joined, equal `decode` of all ids. */
export interface DecodeStream {
  /**
   * Takes the next id.
   *
   * @returns The text that is now certain: possibly `""`, never half a character.
   * @throws RangeError if the id is not an integer from 0 to `vocabSize - 1`; the stream can go on afterwards.
   */
  push(id: number): string;

  /**
   * Ends the text and makes the stream ready for the next one.
   *
   * @returns What was held back: U+FFFD for an unfinished character, otherwise `""`.
   */
  end(): string;
}

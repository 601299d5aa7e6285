/**
 * What the `tokenizer` commands ask of a tokenizer, whatever file or name it comes from.
 */

import type { DecodeStream, EncodeOptions } from "@llm-learning/tokenizers";

/** What places in a text are counted in: UTF-16 units, code points, or bytes of UTF-8. */
export const placeUnits = ["byte", "codepoint", "utf16"] as const;

export type PlaceUnit = (typeof placeUnits)[number];

/** What a text means. */
export interface TextOptions {
  /** What the spelling of a special token in it means: see `EncodeOptions`. */
  readonly specialTokens: NonNullable<EncodeOptions["specialTokens"]>;
  /** Puts the tokens around the text that the tokenizer's file says, such as the one that begins a text. */
  readonly addsSpecialTokens: boolean;
}

/** Ids, and the part of the text that each of them stands for. */
export interface PlacedTokens {
  readonly ids: Uint32Array;
  /** Where each token begins and ends; one that is part of a character covers the character, in units other than bytes. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** A tokenizer of any kind. */
export interface TextTokenizer {
  /** In a few words, such as "byte-level BPE". */
  readonly kind: string;
  /** One more than the largest id. */
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  encode(text: string, options: TextOptions): Uint32Array;
  encodeWithPlaces(text: string, options: TextOptions, unit: PlaceUnit): PlacedTokens;
  decodeStream(options: { readonly skipSpecialTokens: boolean }): DecodeStream;
  /** The ids, smallest first; some of them may have no token. */
  ids(): Iterable<number>;
  /** A token as its file spells it; undefined for an id that the vocabulary leaves out. */
  tokenOf(id: number): string | undefined;
  /** The UTF-8, possibly a part of a character, that a token stands for; undefined for an id that is left out. */
  bytesOf(id: number): Uint8Array | undefined;
}

/**
 * The models of a `tokenizer.json`: what turns one piece of text into tokens.
 */

import type { Fields } from "../fields.ts";
import type { TokenSink } from "../tokenSink.ts";
import { Bpe } from "./bpe.ts";
import { Unigram } from "./unigram.ts";
import { WordLevel } from "./wordLevel.ts";
import { WordPiece } from "./wordPiece.ts";

/** Turns pieces of text into tokens. */
export interface Model {
  readonly vocabulary: Vocabulary;

  /**
   * Appends the tokens of a piece that is not empty.
   *
   * @param rng - Numbers from 0 to 1 for models that drop merges at random; without it they drop none.
   */
  tokenize(piece: string, sink: TokenSink, rng?: (() => number) | undefined): void;

  /** As in a `tokenizer.json`. */
  toJSON(): Record<string, unknown>;
}

/** Tokens by id, ids by token. */
export interface Vocabulary {
  /** Number of tokens. */
  readonly size: number;
  idOf(token: string): number | undefined;
  tokenOf(id: number): string | undefined;
  entries(): Iterable<readonly [token: string, id: number]>;
}

/** Reads a model; old files do not say its type. */
export function readModel(fields: Fields): Model {
  const type = fields.optionalString("type") ?? typeOf(fields);
  switch (type) {
    case "BPE":
      return Bpe.read(fields);
    case "Unigram":
      return Unigram.read(fields);
    case "WordPiece":
      return WordPiece.read(fields);
    case "WordLevel":
      return WordLevel.read(fields);
    default:
      throw fields.error("type", "the type of a model");
  }
}

function typeOf(fields: Fields): string {
  if (fields.value("merges") !== undefined) return "BPE";
  if (fields.value("max_input_chars_per_word") !== undefined) return "WordPiece";
  if (fields.value("unk_token") !== undefined) return "WordLevel";
  return "Unigram";
}

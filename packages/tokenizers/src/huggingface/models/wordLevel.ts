/**
 * Whole pieces as tokens, or the unknown token.
 */

import { quote } from "../../describe.ts";
import type { Fields } from "../fields.ts";
import type { TokenSink } from "../tokenSink.ts";
import { utf8Length } from "../utf8Length.ts";
import type { Model } from "./model.ts";
import { TokenMap } from "./tokenMap.ts";

export class WordLevel implements Model {
  readonly vocabulary: TokenMap;
  readonly #unknown: string;

  constructor(vocabulary: TokenMap, unknown: string) {
    this.vocabulary = vocabulary;
    this.#unknown = unknown;
  }

  static read(fields: Fields): WordLevel {
    return new WordLevel(TokenMap.read(fields), fields.string("unk_token"));
  }

  tokenize(piece: string, sink: TokenSink): void {
    const id = this.vocabulary.idOf(piece);
    const token = id === undefined ? this.#unknown : piece;
    sink.push(id ?? unknownId(this.vocabulary, token), token, 0, utf8Length(piece));
  }

  toJSON(): Record<string, unknown> {
    return { type: "WordLevel", vocab: this.vocabulary.toJSON(), unk_token: this.#unknown };
  }
}

/** The id of the unknown token. @throws RangeError if it is not in the vocabulary. */
export function unknownId(vocabulary: TokenMap, unknown: string): number {
  const id = vocabulary.idOf(unknown);
  if (id !== undefined) return id;
  throw new RangeError(
    `Tokenizer.encode: expected text of the vocabulary, as its unknown token ${quote(unknown)} is not in it`,
  );
}

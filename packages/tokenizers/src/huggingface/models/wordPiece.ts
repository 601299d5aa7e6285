/**
 * BERT's model: a word is the longest token that it begins with, then the longest that goes on with it, and so on; if there is none, the
 * whole word is unknown.
 *
 * @see M. Schuster and K. Nakajima, "Japanese and Korean Voice Search" (2012)
 */

import { ByteTrie } from "../../sentencepiece/byteTrie.ts";
import { encodeUtf8 } from "../../utf8.ts";
import type { Fields } from "../fields.ts";
import type { TokenSink } from "../tokenSink.ts";
import type { Model } from "./model.ts";
import { PieceTokens } from "./pieceTokens.ts";
import { TokenMap } from "./tokenMap.ts";
import { unknownId } from "./wordLevel.ts";

/** The settings of a model besides its vocabulary. */
export interface WordPieceOptions {
  readonly unknown: string;
  /** The mark of tokens that go on with a word. */
  readonly prefix: string;
  /** Longer words are unknown. */
  readonly maxCharacters: number;
}

export class WordPiece implements Model {
  readonly vocabulary: TokenMap;
  readonly #options: WordPieceOptions;
  /** What a word begins with, and what it goes on with, which is spelled without its mark. */
  readonly #beginnings: ByteTrie;
  readonly #continuations: ByteTrie;
  readonly #cache = new PieceTokens();
  #ids = new Int32Array(64);
  #lengths = new Int32Array(64);

  constructor(vocabulary: TokenMap, options: WordPieceOptions) {
    this.vocabulary = vocabulary;
    this.#options = options;
    const tokens = [...vocabulary.entries()].filter(([token]) => token !== "");
    const { prefix } = options;
    this.#beginnings = new ByteTrie(tokens);
    this.#continuations = new ByteTrie(
      tokens
        .filter(([token]) => token.startsWith(prefix) && token.length > prefix.length)
        .map(([token, id]) => [token.slice(prefix.length), id]),
    );
  }

  static read(fields: Fields): WordPiece {
    return new WordPiece(TokenMap.read(fields), {
      unknown: fields.string("unk_token", "[UNK]"),
      prefix: fields.string("continuing_subword_prefix", "##"),
      maxCharacters: fields.count("max_input_chars_per_word", Number.MAX_SAFE_INTEGER, 100),
    });
  }

  tokenize(piece: string, sink: TokenSink): void {
    let known = this.#cache.get(piece);
    if (known === undefined) {
      const count = this.#segment(piece);
      this.#cache.set(piece, this.#ids, this.#lengths, count);
      known = { ids: this.#ids.subarray(0, count), lengths: this.#lengths };
    }
    let start = 0;
    known.ids.forEach((id, i) => {
      const end = start + known.lengths[i];
      sink.push(id, this.vocabulary.tokenOf(id) ?? "", start, end);
      start = end;
    });
  }

  toJSON(): Record<string, unknown> {
    const { unknown, prefix, maxCharacters } = this.#options;
    return {
      type: "WordPiece",
      unk_token: unknown,
      continuing_subword_prefix: prefix,
      max_input_chars_per_word: maxCharacters,
      vocab: this.vocabulary.toJSON(),
    };
  }

  #segment(piece: string): number {
    const bytes = encodeUtf8(piece);
    let count = isLonger(piece, this.#options.maxCharacters) ? -1 : 0;
    for (let start = 0; start < bytes.length && count >= 0;) {
      const trie = start === 0 ? this.#beginnings : this.#continuations;
      const length = trie.longest(bytes, start, bytes.length);
      if (length === 0) count = -1;
      else this.#put(count++, trie.value, length);
      start += length;
    }
    if (count >= 0) return count;
    this.#put(0, unknownId(this.vocabulary, this.#options.unknown), bytes.length);
    return 1;
  }

  #put(at: number, id: number, length: number): void {
    if (at === this.#ids.length) {
      const [ids, lengths] = [new Int32Array(2 * at), new Int32Array(2 * at)];
      ids.set(this.#ids);
      lengths.set(this.#lengths);
      this.#ids = ids;
      this.#lengths = lengths;
    }
    this.#ids[at] = id;
    this.#lengths[at] = length;
  }
}

/** Whether a text has more characters than this. */
function isLonger(text: string, characters: number): boolean {
  if (text.length <= characters) return false;
  let count = 0;
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) count++;
  return count > characters;
}

/**
 * The training text, gathered sentence by sentence: its distinct words and how often each occurs. Only where pieces may
 * cross words are whole sentences kept, in order.
 */

import { ByteTrie } from "../../sentencepiece/byteTrie.ts";
import type { Normalizer } from "../../sentencepiece/normalizer.ts";
import { characterLength } from "../../sentencepiece/segments.ts";
import { BOUNDARY } from "./pieceRule.ts";
import { codePointAt } from "./codePoint.ts";
import type { ReservedPieces } from "./reservedPieces.ts";
import { type WordRule, wordEnd } from "./words.ts";
import { WordTable } from "./wordTable.ts";

/** What follows a word at the end of a sentence. */
const NOTHING = 0;

/** What a {@link Corpus} keeps. */
export interface CorpusShape {
  /** How words are cut, or `undefined` to keep sentences whole. */
  readonly words: WordRule | undefined;
  /** Whether to keep what follows each word. */
  readonly followers: boolean;
}

/** Words with their counts. */
export class Corpus {
  readonly words: WordTable = new WordTable();
  /** Numbers of the sentences in their order, if they are kept whole; -1 for one that is empty once normalized. */
  readonly order: number[] = [];
  /** Number of each word times 2^21, plus each code point that follows it somewhere. */
  readonly followers: Set<number> = new Set();
  readonly #shape: CorpusShape;
  readonly #normalizer: Normalizer;
  readonly #reserved: ByteTrie;
  /** The two followers of each word that came last; mostly there are no more, a space mark and the end. */
  #lastFollowers = new Int32Array(1 << 11).fill(-1);
  #bytes = new Uint8Array(1024);

  constructor(normalizer: Normalizer, reserved: ReservedPieces, shape: CorpusShape) {
    this.#normalizer = normalizer;
    this.#shape = shape;
    const pieces = new Set(Array.from(reserved.values(), ({ piece }) => piece));
    this.#reserved = new ByteTrie(Array.from(pieces, (piece, index) => [piece, index] as const));
  }

  /**
   * Adds a sentence.
   *
   * @param text - UTF-8, followed by a zero byte.
   * @param length - Its length without that.
   */
  add(text: Uint8Array, length: number): void {
    const normalizer = this.#normalizer;
    normalizer.normalize(text, length);
    let bytes = normalizer.bytes;
    let end = normalizer.length;
    const first = this.#findReserved(bytes, 0, end);
    if (first < end) {
      end = this.#withoutReserved(bytes, first, end);
      bytes = this.#bytes;
    }
    const rule = this.#shape.words;
    if (rule === undefined) {
      this.order.push(end === 0 ? -1 : this.words.add(bytes, 0, end));
      if (end > 0 && this.#shape.followers) this.#addFollower(this.order.at(-1)!, NOTHING);
    } else {
      for (let start = 0; start < end;) {
        const stop = wordEnd(bytes, start, end, rule);
        const word = this.words.add(bytes, start, stop);
        if (this.#shape.followers) this.#addFollower(word, stop < end ? codePointAt(bytes, stop) : NOTHING);
        start = stop;
      }
    }
    normalizer.release();
  }

  #addFollower(word: number, point: number): void {
    if (2 * word + 1 >= this.#lastFollowers.length) {
      const larger = new Int32Array(4 * word + 2).fill(-1);
      larger.set(this.#lastFollowers);
      this.#lastFollowers = larger;
    }
    const last = this.#lastFollowers;
    if (last[2 * word] === point || last[2 * word + 1] === point) return;
    last[2 * word + 1] = last[2 * word];
    last[2 * word] = point;
    this.followers.add(word * 2 ** 21 + point);
  }

  /** Where the first reserved piece begins, or `end`. */
  #findReserved(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end) {
      const byte = bytes[at];
      if (this.#reserved.beginsWith(byte) && this.#reserved.longest(bytes, at, end) > 0) return at;
      at += characterLength(byte);
    }
    return end;
  }

  /** Copies the text with a {@link BOUNDARY} for each reserved piece; gives its length. */
  #withoutReserved(bytes: Uint8Array, first: number, end: number): number {
    if (this.#bytes.length < end + 8) this.#bytes = new Uint8Array(2 * end + 8);
    const target = this.#bytes;
    let to = 0;
    for (let at = 0, found = first; at < end; found = this.#findReserved(bytes, at, end)) {
      target.set(bytes.subarray(at, found), to);
      to += found - at;
      at = found;
      if (found === end) break;
      target[to++] = BOUNDARY;
      at += this.#reserved.longest(bytes, found, end);
    }
    target.fill(0, to, to + 8);
    return to;
  }
}

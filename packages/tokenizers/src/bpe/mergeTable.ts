/**
 * What byte-pair encoding does, turned from a procedure into a question about neighbours: of all ways to cut a piece into
 * tokens, its encoding is the only one in which every two neighbours are *compatible*, that is, encode to themselves when
 * they stand alone. So the encoding of a prefix decides that of the next longer one, and nothing has to be merged again.
 *
 * It takes a vocabulary in which the order of the tokens is the order of the merges and every token is what its own bytes
 * encode to. This is checked for every token.
 *
 * The idea and the test are those of the `bpe` crate by GitHub (https://github.com/github/rust-gems, crates/bpe).
 */

import { quote } from "../describe.ts";
import { Merger } from "./merger.ts";
import { NO_MERGE, PairTable } from "./pairTable.ts";
import { SuffixTrie } from "./suffixTrie.ts";
import type { TokenBytes } from "./tokenBytes.ts";

/** Ranks below it are single bytes. */
const BYTES = 256;

/** A checked vocabulary: tokens are numbered by rank, 0 to 255 for the bytes and on in the order of the merges. */
export class MergeTable {
  /** Id of a token by its rank. */
  readonly ids: Uint32Array;
  /** Number of bytes of a token, by its rank. */
  readonly lengths: Uint32Array;
  /** Length of the longest token in bytes. */
  readonly maxLength: number;
  /** Finds the tokens that end at a place. */
  readonly trie: SuffixTrie = new SuffixTrie();
  /** The two tokens that a token was merged from; of a single byte, itself. */
  readonly #left: Uint32Array;
  readonly #right: Uint32Array;
  readonly #pairs: PairTable;
  /** Merges looked up so far: what tests measure instead of time. */
  work = 0;

  /**
   * @param caller - Name of the public function, which begins the message.
   * @param name - Name of the vocabulary.
   * @throws RangeError where a token is not what its bytes encode to.
   */
  constructor(caller: string, name: string, tokens: TokenBytes) {
    this.ids = bytesFirst(tokens);
    const ranks = new Uint32Array(tokens.size);
    this.ids.forEach((id, rank) => (ranks[id] = rank));
    const { left, right } = new Merger(tokens);
    this.lengths = new Uint32Array(this.ids.length);
    this.#left = Uint32Array.from(this.ids, (_, rank) => rank);
    this.#right = this.#left.slice();
    this.#pairs = new PairTable(this.ids.length);
    let maxLength = 1;
    for (let rank = 0; rank < this.ids.length; rank++) {
      const id = this.ids[rank];
      const bytes = tokens.bytesOf(id);
      this.lengths[rank] = bytes.length;
      maxLength = Math.max(maxLength, bytes.length);
      this.trie.add(bytes, 0, bytes.length, rank);
      if (rank < BYTES) continue;
      if (left[id] < 0) {
        throw new RangeError(
          `${caller}: expected an encoding whose tokens are each merged from two earlier ones, got ${name} with token ` +
            `${id} (${quote(printable(bytes))}), which its own bytes do not encode to`,
        );
      }
      this.#left[rank] = ranks[left[id]];
      this.#right[rank] = ranks[right[id]];
      this.#pairs.add(this.#left[rank], this.#right[rank], rank);
    }
    this.maxLength = maxLength;
  }

  /** The ranks of the two tokens that a token is merged from; of a single byte, twice its own. */
  halves(rank: number): readonly [left: number, right: number] {
    return [this.#left[rank], this.#right[rank]];
  }

  /**
   * Whether `left` and `right`, side by side, stay as they are: no merge across their border comes before the merges that
   * made them.
   *
   * Takes these merges back, the latest first. What then stands at the border stood there until the merge `limit`; had it
   * merged across the border at a lower rank, that would have come first. Of two merges of one rank the left one comes first.
   */
  areCompatible(left: number, right: number): boolean {
    let limit = NO_MERGE;
    for (;;) {
      this.work++;
      if (this.#pairs.get(left, right) < limit) return false;
      if (left > right) {
        if (left < BYTES) return true;
        limit = left;
        left = this.#right[left];
      } else {
        if (right < BYTES) return true;
        limit = right + 1;
        right = this.#left[right];
      }
    }
  }
}

/** The ids, which are in the order of the merges, with those of single bytes first, in the order of the bytes. */
function bytesFirst(tokens: TokenBytes): Uint32Array {
  const ordered = new Uint32Array(tokens.count);
  let end = BYTES;
  for (let id = 0; id < tokens.size; id++) {
    const token = tokens.bytesOf(id);
    if (token.length > 0) ordered[token.length > 1 ? end++ : token[0]] = id;
  }
  return ordered;
}

/** Bytes for an error message, as Latin-1. */
function printable(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 40));
}

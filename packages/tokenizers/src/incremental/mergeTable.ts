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
import { PairTable } from "./pairTable.ts";
import { SuffixTrie } from "./suffixTrie.ts";

/** Ranks below it are single bytes. */
const BYTES = 256;

/** Distinct tokens in the order of their merges, all single bytes among them, anywhere. */
export interface OrderedTokens {
  /** Name of the public function, which begins the messages. */
  readonly caller: string;
  /** Name of the vocabulary. */
  readonly name: string;
  /** Ids in the order of the merges. */
  readonly ids: ArrayLike<number>;
  /** Bytes of the token of an id; at least one. */
  bytesOf(id: number): Uint8Array;
}

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
   * @throws RangeError where a token is not what its bytes encode to.
   */
  constructor(tokens: OrderedTokens) {
    const { caller, name, bytesOf } = tokens;
    const ordered = bytesFirst(tokens);
    this.ids = ordered;
    this.lengths = new Uint32Array(ordered.length);
    this.#left = Uint32Array.from(ordered, (_, rank) => rank);
    this.#right = this.#left.slice();
    this.#pairs = new PairTable(ordered.length);
    let maxLength = 1;
    for (let rank = 0; rank < ordered.length; rank++) {
      const bytes = bytesOf(ordered[rank]);
      this.lengths[rank] = bytes.length;
      maxLength = Math.max(maxLength, bytes.length);
      if (rank >= BYTES && !this.#addMerge(rank, bytes)) {
        throw new RangeError(
          `${caller}: expected an encoding whose tokens are each merged from two earlier ones, got ${name} with token ` +
            `${ordered[rank]} (${quote(printable(bytes))}), which its own bytes do not encode to`,
        );
      }
      this.trie.add(bytes, 0, bytes.length, rank);
    }
    this.maxLength = maxLength;
  }

  /**
   * Whether `left` and `right`, side by side, stay as they are: no merge across their border comes before the merges that
   * made them.
   *
   * Takes these merges back, the latest first. What then stands at the border stood there until the merge `limit`; had it
   * merged across the border at a lower rank, that would have come first. Of two merges of one rank the left one comes first.
   */
  areCompatible(left: number, right: number): boolean {
    let limit = 0xffff_ffff;
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

  /** Finds the two earlier tokens that merge into a new one. */
  #addMerge(rank: number, bytes: Uint8Array): boolean {
    const { trie } = this;
    let node = 0;
    for (let cut = bytes.length - 1; cut > 0; cut--) {
      node = trie.child(node, bytes[cut]);
      if (node < 0) return false;
      const right = trie.tokens[node];
      if (right < 0) continue;
      const left = trie.find(bytes, 0, cut);
      if (left < 0 || !this.areCompatible(left, right)) continue;
      this.#left[rank] = left;
      this.#right[rank] = right;
      this.#pairs.set(left, right, rank);
      return true;
    }
    return false;
  }
}

/** The ids with those of single bytes first, in the order of the bytes. */
function bytesFirst({ ids, bytesOf }: OrderedTokens): Uint32Array {
  const ordered = new Uint32Array(ids.length);
  let end = BYTES;
  for (let i = 0; i < ids.length; i++) {
    const token = bytesOf(ids[i]);
    ordered[token.length > 1 ? end++ : token[0]] = ids[i];
  }
  return ordered;
}

/** Bytes for an error message, as Latin-1. */
function printable(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 40));
}

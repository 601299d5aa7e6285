/**
 * The encoding of every prefix of a text that is cut into pieces: for each place the last token of what comes before it,
 * and the number of tokens. The encoding of a prefix without its last token is that of a shorter prefix, so that these two
 * arrays hold all encodings at once, and a longer text only adds to them.
 *
 * Exactly one token that ends at a place is compatible with the encoding before it (see mergeTable.ts); it is the last one.
 */

import type { MergeTable } from "../bpe/mergeTable.ts";

export class PrefixTokens {
  readonly #table: MergeTable;
  /** Rank of the last token of the prefix that ends at a place; of the empty one, 0. */
  last: Uint32Array;
  /** Number of tokens of the prefix that ends at a place. */
  counts: Uint32Array;
  /** The tokens that end at the place in hand, with where they start; shortest first. */
  readonly #candidates: Int32Array;
  /** Bytes looked at so far: what tests measure instead of time. */
  work = 0;

  /** @param capacity - Longest prefix, in bytes; see {@link reserve}. */
  constructor(table: MergeTable, capacity: number) {
    this.#table = table;
    this.last = new Uint32Array(capacity + 1);
    this.counts = new Uint32Array(capacity + 1);
    this.#candidates = new Int32Array(2 * table.maxLength);
  }

  /** Makes room for prefixes of up to `capacity` bytes. */
  reserve(capacity: number): void {
    if (capacity < this.last.length) return;
    const length = Math.max(capacity + 1, 2 * this.last.length);
    const last = new Uint32Array(length);
    last.set(this.last);
    this.last = last;
    const counts = new Uint32Array(length);
    counts.set(this.counts);
    this.counts = counts;
  }

  /**
   * Encodes the prefixes that end at `from + 1` to `to`.
   *
   * @param bytes - The text.
   * @param piece - Where the piece begins that `from` to `to` belong to; what comes before it, and up to `from`, is encoded.
   */
  extend(bytes: Uint8Array, piece: number, from: number, to: number): void {
    for (let end = from + 1; end <= to; end++) this.extendBy(bytes, piece, end);
  }

  /** Encodes the prefix that ends at `end`; see {@link extend}. */
  extendBy(bytes: Uint8Array, piece: number, end: number): void {
    const { trie } = this.#table;
    const candidates = this.#candidates;
    const { last, counts } = this;
    let found = 0;
    let node = 0;
    for (let start = end - 1; start >= piece; start--) {
      node = trie.child(node, bytes[start]);
      this.work++;
      if (node < 0) break;
      const token = trie.tokens[node];
      if (token < 0) continue;
      candidates[found++] = token;
      candidates[found++] = start;
    }
    while (found > 0) {
      const start = candidates[--found];
      const token = candidates[--found];
      if (start > piece && !this.#table.areCompatible(last[start], token)) continue;
      last[end] = token;
      counts[end] = counts[start] + 1;
      return;
    }
  }
}

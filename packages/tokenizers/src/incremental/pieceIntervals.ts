/**
 * Counts the tokens of any part of a text, in bytes, from the tokens of all its prefixes.
 *
 * The encodings of the prefixes are the paths of a tree: the parent of a prefix is that without its last token. A part that
 * begins somewhere is cut and encoded from there only until the end of a prefix and its last token are those of the whole text,
 * on the path to the end of the part; from there on both encodings are the same, and their lengths are known.
 *
 * The idea is that of `IntervalEncoding` in the `bpe` crate by GitHub (https://github.com/github/rust-gems, crates/bpe).
 */

import { whiteSpaceStart } from "./characters.ts";
import type { PieceTokens } from "./pieceTokens.ts";
import { PrefixTokens } from "./prefixTokens.ts";

export class PieceIntervals {
  readonly #text: PieceTokens;
  /** Number of each prefix in depth-first order, by its end. */
  readonly #order: Uint32Array;
  /** Number of prefixes that go on from a prefix, itself included. */
  readonly #descendants: Uint32Array;
  #encoded = 0;

  /** @param text - A text that will not change. */
  constructor(text: PieceTokens) {
    this.#text = text;
    const { last } = text.prefix;
    const { lengths } = text.table;
    this.#descendants = new Uint32Array(text.length + 1).fill(1);
    for (let end = text.length; end > 0; end--) this.#descendants[end - lengths[last[end]]] += this.#descendants[end];
    this.#order = new Uint32Array(text.length + 1);
    const next = new Uint32Array(text.length + 1).fill(1);
    for (let end = 1; end <= text.length; end++) {
      const parent = end - lengths[last[end]];
      this.#order[end] = this.#order[parent] + next[parent];
      next[parent] += this.#descendants[end];
    }
  }

  /** Bytes cut into pieces or looked at for a token so far: what tests measure instead of time. */
  get work(): number {
    return this.#text.work + this.#encoded;
  }

  /** Number of tokens of the bytes from `start` to `end`, which are places between two characters. */
  count(start: number, end: number): number {
    const text = this.#text;
    const { counts } = text.prefix;
    // Pieces that end after it can be different ones at the end of the text.
    const settled = whiteSpaceStart(text.bytes, start, end);
    let count = 0;
    let at = start;
    while (at < end && text.starts[text.pieceAt(at)] !== at) {
      let cut = text.cut(at, text.length);
      if (cut > settled) cut = text.cut(at, end);
      count += this.#countPiece(at, cut);
      at = cut;
    }
    const unsettled = text.starts[text.pieceAt(settled)];
    if (at < unsettled) {
      count += counts[unsettled] - counts[at];
      at = unsettled;
    }
    while (at < end) {
      const cut = text.cut(at, end);
      count += this.#countPiece(at, cut);
      at = cut;
    }
    return count;
  }

  /** Number of tokens of bytes that are one piece. */
  #countPiece(start: number, end: number): number {
    const text = this.#text;
    const { last, counts } = text.prefix;
    const piece = text.starts[text.pieceAt(end - 1)];
    if (piece === start) return counts[end] - counts[start];
    const bytes = text.bytes.subarray(start, end);
    const own = new PrefixTokens(text.table, 64);
    for (let size = 1; size <= bytes.length; size++) {
      own.reserve(size);
      own.extendBy(bytes, 0, size);
      const at = start + size;
      if (at > piece && last[at] === own.last[size] && this.#leadsTo(at, end)) {
        this.#encoded += own.work;
        return own.counts[size] + counts[end] - counts[at];
      }
    }
    this.#encoded += own.work;
    return own.counts[bytes.length];
  }

  /** Whether the encoding of the prefix that ends at `place` is the beginning of that which ends at `end`. */
  #leadsTo(place: number, end: number): boolean {
    const order = this.#order[end] - this.#order[place];
    return order >= 0 && order < this.#descendants[place];
  }
}

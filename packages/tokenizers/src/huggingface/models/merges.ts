/**
 * The merges of byte-pair encoding as a `tokenizer.json` has them: ordered pairs of tokens, each with the token that it makes. Unlike in
 * tiktoken's files, the order is not that of the ids, and several pairs may make one token.
 */

import { MinHeap } from "../../bpe/minHeap.ts";
import { NO_MERGE, PairTable } from "../../bpe/pairTable.ts";

/** Below it, the best merge is found by a scan. */
const SCAN_LIMIT = 64;
/** A heap key is rank * POSITIONS + position: exact in a double for ranks below 2^26. */
const POSITIONS = 2 ** 27;
/** So many merges are accepted. */
export const MAX_MERGES: number = 2 ** 26;

/** Ranked merges. */
export class Merges {
  /** Number of merges, those that a later one with the same pair replaces included. */
  readonly size: number;
  readonly #lefts: Int32Array;
  readonly #rights: Int32Array;
  readonly #made: Int32Array;
  readonly #ranks: PairTable;
  #scratch = new Int32Array(SCAN_LIMIT);

  /** The two tokens of each merge and the token that it makes, by rank. */
  constructor(lefts: Int32Array, rights: Int32Array, made: Int32Array) {
    this.size = lefts.length;
    this.#lefts = lefts;
    this.#rights = rights;
    this.#made = made;
    this.#ranks = new PairTable(lefts.length);
    // Of equal pairs the last one counts.
    for (let rank = lefts.length - 1; rank >= 0; rank--) {
      if (this.rankOf(lefts[rank], rights[rank]) === NO_MERGE) this.#ranks.add(lefts[rank], rights[rank], rank);
    }
  }

  /** The rank of a pair, or {@link NO_MERGE}. */
  rankOf(left: number, right: number): number {
    return this.#ranks.get(left, right);
  }

  /** The token that a merge makes. */
  madeBy(rank: number): number {
    return this.#made[rank];
  }

  /** The pairs in their order, without those that a later one replaces. */
  *pairs(): Generator<readonly [left: number, right: number]> {
    for (let rank = 0; rank < this.size; rank++) {
      const [left, right] = [this.#lefts[rank], this.#rights[rank]];
      if (this.rankOf(left, right) === rank) yield [left, right];
    }
  }

  /**
   * Merges neighbours, the lowest rank first and of equal ones the leftmost, until none can be merged.
   *
   * @param ids - Tokens; those that are left stand at its beginning afterwards.
   * @param lengths - Length of each, which add up.
   * @returns How many are left.
   */
  apply(ids: Int32Array, lengths: Int32Array, count: number): number {
    return count <= SCAN_LIMIT ? this.#scan(ids, lengths, count) : this.#heap(ids, lengths, count);
  }

  /** The same, but each merge is put off with a probability (Provilkov et al. 2020, "BPE-Dropout"). */
  applyWithDropout(ids: Int32Array, lengths: Int32Array, count: number, dropout: number, rng: () => number): number {
    return this.#heap(ids, lengths, count, () => rng() < dropout);
  }

  #scan(ids: Int32Array, lengths: Int32Array, count: number): number {
    const ranks = this.#scratch;
    for (let at = 0; at + 1 < count; at++) ranks[at] = this.rankOf(ids[at], ids[at + 1]);
    while (count > 1) {
      let lowest = NO_MERGE;
      let place = -1;
      for (let at = 0; at + 1 < count; at++) {
        if (ranks[at] >= lowest) continue;
        lowest = ranks[at];
        place = at;
      }
      if (place < 0) break;
      ids[place] = this.#made[lowest];
      lengths[place] += lengths[place + 1];
      count--;
      for (let at = place + 1; at < count; at++) {
        ids[at] = ids[at + 1];
        lengths[at] = lengths[at + 1];
        ranks[at] = ranks[at + 1];
      }
      if (place > 0) ranks[place - 1] = this.rankOf(ids[place - 1], ids[place]);
      if (place + 1 < count) ranks[place] = this.rankOf(ids[place], ids[place + 1]);
    }
    return count;
  }

  #heap(ids: Int32Array, lengths: Int32Array, count: number, isPutOff?: () => boolean): number {
    if (count >= POSITIONS) {
      throw new RangeError(`Tokenizer.encode: expected pieces below ${POSITIONS} characters, got one of ${count}`);
    }
    const next = new Int32Array(count);
    const previous = new Int32Array(count);
    const wanted = new Int32Array(count).fill(NO_MERGE);
    const heap = new MinHeap(count);
    const want = (at: number): void => {
      const after = next[at];
      wanted[at] = after < count ? this.rankOf(ids[at], ids[after]) : NO_MERGE;
      if (wanted[at] !== NO_MERGE) heap.push(wanted[at] * POSITIONS + at);
    };
    for (let at = 0; at < count; at++) {
      next[at] = at + 1;
      previous[at] = at - 1;
    }
    for (let at = 0; at < count; at++) want(at);
    const putOff: number[] = [];
    while (heap.size > 0) {
      const key = heap.pop();
      if (isPutOff?.() === true) {
        putOff.push(key);
        continue;
      }
      for (const earlier of putOff) heap.push(earlier);
      putOff.length = 0;
      const rank = Math.floor(key / POSITIONS);
      const at = key - rank * POSITIONS;
      if (wanted[at] !== rank) continue;
      const eaten = next[at];
      ids[at] = this.#made[rank];
      lengths[at] += lengths[eaten];
      next[at] = next[eaten];
      wanted[eaten] = NO_MERGE;
      if (next[at] < count) previous[next[at]] = at;
      want(at);
      if (previous[at] >= 0) want(previous[at]);
    }
    let left = 0;
    for (let at = 0; at < count; at = next[at], left++) {
      ids[left] = ids[at];
      lengths[left] = lengths[at];
    }
    return left;
  }
}

/**
 * Byte-pair encoding of one piece: starting from its bytes, the pair of neighbours with the lowest rank is merged, leftmost first, until
 * no pair is a token (Sennrich et al. 2016, over bytes as in GPT-2).
 *
 * Short pieces take a linear scan for the lowest rank; long ones a heap, so that a run of a million letters costs n log n.
 */

import { MinHeap } from "./minHeap.ts";
import { NO_MERGE, PairTable } from "./pairTable.ts";
import type { TokenBytes } from "./tokenBytes.ts";

const SCAN_LIMIT = 128;
/** A larger array of ids is given back by the next piece. */
const KEPT_IDS = 1 << 20;
/** A heap key is rank * POSITIONS + position: exact in a double for ranks below 2^26. */
const POSITIONS = 2 ** 27;

/** Merges the bytes of pieces; the result of a call stands in {@link Merger.ids} until the next. */
export class Merger {
  /** The ids of the last piece, from index 0. */
  ids: Int32Array = new Int32Array(SCAN_LIMIT);
  /** The two ids that make each token; -1 for single bytes and for tokens that merging never reaches. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly #byteIds = new Int32Array(256);
  /** The token of two bytes, by both: most first looks at a pair end here. */
  readonly #bytePairs = new Int32Array(65536).fill(NO_MERGE);
  #pairs: PairTable;
  readonly #ranks = new Int32Array(SCAN_LIMIT);

  /** @param tokens - The vocabulary; where it knows its merges they are taken over, otherwise each token is taken apart. */
  constructor(tokens: TokenBytes) {
    const { size } = tokens;
    this.left = tokens.left ?? new Int32Array(size).fill(-1);
    this.right = tokens.right ?? new Int32Array(size).fill(-1);
    for (let id = 0; id < size; id++) {
      const token = tokens.bytesOf(id);
      if (token.length === 1) this.#byteIds[token[0] as number] = id;
    }
    this.#pairs = new PairTable(tokens.count);
    let inOrder = true;
    for (let id = 0; id < size; id++) {
      const token = tokens.bytesOf(id);
      if (token.length < 2) continue;
      // With the merges of all lower ranks known, a token that merging reaches comes down to two parts.
      if (tokens.left === undefined && this.merge(token, 0, token.length) === 2) {
        this.left[id] = this.ids[0] as number;
        this.right[id] = this.ids[1] as number;
      }
      if (token.length === 2) this.#bytePairs[((token[0] as number) << 8) | (token[1] as number)] = id;
      if ((this.left[id] as number) >= 0) this.#pairs.add(this.left[id] as number, this.right[id] as number, id);
      else inOrder = false;
    }
    if (!inOrder) this.#pairs = allPairs(tokens);
  }

  /** Merges the bytes from `start` to `end`; returns the number of ids. */
  merge(bytes: Uint8Array, start: number, end: number): number {
    if (this.ids.length > KEPT_IDS) this.ids = new Int32Array(SCAN_LIMIT);
    return end - start <= SCAN_LIMIT ? this.#scan(bytes, start, end) : this.#heap(bytes, start, end);
  }

  #scan(bytes: Uint8Array, start: number, end: number): number {
    const { ids } = this;
    const ranks = this.#ranks;
    const byteIds = this.#byteIds;
    const bytePairs = this.#bytePairs;
    const pairs = this.#pairs;
    let count = end - start;
    let byte = bytes[start] as number;
    ids[0] = byteIds[byte] as number;
    for (let at = 1; at < count; at++) {
      const next = bytes[start + at] as number;
      ids[at] = byteIds[next] as number;
      ranks[at - 1] = bytePairs[(byte << 8) | next] as number;
      byte = next;
    }
    while (count > 1) {
      let lowest = NO_MERGE;
      let place = -1;
      for (let at = 0; at < count - 1; at++) {
        if ((ranks[at] as number) < lowest) {
          lowest = ranks[at] as number;
          place = at;
        }
      }
      if (place < 0) break;
      ids[place] = lowest;
      count--;
      // A plain loop: the stretch is too short for a call of copyWithin to pay.
      for (let at = place + 1; at < count; at++) {
        ids[at] = ids[at + 1] as number;
        ranks[at] = ranks[at + 1] as number;
      }
      if (place > 0) ranks[place - 1] = pairs.get(ids[place - 1] as number, lowest);
      if (place < count - 1) ranks[place] = pairs.get(lowest, ids[place + 1] as number);
    }
    return count;
  }

  #heap(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length >= POSITIONS)
      throw new RangeError(`encode: expected pieces below ${POSITIONS} bytes, got one of ${length}`);
    const pairs = this.#pairs;
    const ids = new Int32Array(length);
    const next = new Int32Array(length);
    const previous = new Int32Array(length);
    const wanted = new Int32Array(length).fill(NO_MERGE);
    const heap = new MinHeap(length);
    for (let at = 0; at < length; at++) {
      const byte = bytes[start + at] as number;
      ids[at] = this.#byteIds[byte] as number;
      next[at] = at + 1;
      previous[at] = at - 1;
      if (at + 1 === length) break;
      const rank = this.#bytePairs[(byte << 8) | (bytes[start + at + 1] as number)] as number;
      if (rank === NO_MERGE) continue;
      wanted[at] = rank;
      heap.push(rank * POSITIONS + at);
    }
    while (heap.size > 0) {
      const key = heap.pop();
      const rank = Math.floor(key / POSITIONS);
      const at = key - rank * POSITIONS;
      if (wanted[at] !== rank) continue;
      const eaten = next[at] as number;
      const after = next[eaten] as number;
      const before = previous[at] as number;
      ids[at] = rank;
      next[at] = after;
      wanted[eaten] = NO_MERGE;
      wanted[at] = NO_MERGE;
      if (after < length) {
        previous[after] = at;
        const merged = pairs.get(rank, ids[after] as number);
        wanted[at] = merged;
        if (merged !== NO_MERGE) heap.push(merged * POSITIONS + at);
      }
      if (before >= 0) {
        const merged = pairs.get(ids[before] as number, rank);
        wanted[before] = merged;
        if (merged !== NO_MERGE) heap.push(merged * POSITIONS + before);
      }
    }
    let count = 0;
    for (let at = 0; at < length; at = next[at] as number) ids[count++] = ids[at] as number;
    if (this.ids.length < count) this.ids = new Int32Array(2 * count);
    this.ids.set(ids.subarray(0, count));
    return count;
  }
}

/**
 * All pairs of tokens whose bytes make a third. Where some token is not reached by the merges below its own rank, a pair other than the one
 * that the ranks tell may meet in a text; tiktoken, which looks up the joined bytes, finds it all the same.
 */
function allPairs(tokens: TokenBytes): PairTable {
  const found: [left: number, right: number, merged: number][] = [];
  for (let id = 0; id < tokens.size; id++) {
    const token = tokens.bytesOf(id);
    for (let cut = 1; cut < token.length; cut++) {
      const left = tokens.idOf(token, 0, cut);
      const right = left < 0 ? -1 : tokens.idOf(token, cut);
      if (right >= 0) found.push([left, right, id]);
    }
  }
  const pairs = new PairTable(found.length);
  for (const [left, right, merged] of found) pairs.add(left, right, merged);
  return pairs;
}

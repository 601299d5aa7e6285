/**
 * Byte-pair encoding of one piece: starting from its bytes, the pair of neighbours with the lowest rank is merged, leftmost first, until
 * no pair is a token (Sennrich et al. 2016, over bytes as in GPT-2).
 *
 * Short pieces take a linear scan for the lowest rank; long ones a heap, so that a run of a million letters costs n log n. The rank of a
 * pair is found by the two ids, in a table that grows as pairs are asked for: whether two tokens make a third does not change.
 */

import type { TokenBytes } from "./tokenBytes.ts";

const NONE = 0x7fffffff;
const SCAN_LIMIT = 128;
/** A heap key is rank * POSITIONS + position: exact in a double for ranks below 2^26. */
const POSITIONS = 2 ** 27;

/** Merges the bytes of pieces; the result of a call stands in {@link Merger.ids} until the next. */
export class Merger {
  /** The ids of the last piece, from index 0. */
  ids: Int32Array = new Int32Array(SCAN_LIMIT);
  readonly #tokens: TokenBytes;
  readonly #byteIds = new Int32Array(256);
  readonly #bytePairs = new Int32Array(65536).fill(NONE);
  readonly #ranks = new Int32Array(SCAN_LIMIT);
  /** Known pairs: left id, right id, rank; three numbers a slot, -1 where empty. */
  #pairs = new Int32Array(3 << 16).fill(-1);
  #pairCount = 0;
  #scratch = new Uint8Array(256);

  constructor(tokens: TokenBytes) {
    this.#tokens = tokens;
    const pair = new Uint8Array(2);
    for (let first = 0; first < 256; first++) {
      pair[0] = first;
      this.#byteIds[first] = tokens.idOf(pair, 0, 1);
      for (let second = 0; second < 256; second++) {
        pair[1] = second;
        const id = tokens.idOf(pair);
        if (id >= 0) this.#bytePairs[(first << 8) | second] = id;
      }
    }
  }

  /** Merges the bytes from `start` to `end`; returns the number of ids. */
  merge(bytes: Uint8Array, start: number, end: number): number {
    return end - start <= SCAN_LIMIT ? this.#scan(bytes, start, end) : this.#heap(bytes, start, end);
  }

  #scan(bytes: Uint8Array, start: number, end: number): number {
    const { ids } = this;
    const ranks = this.#ranks;
    let count = end - start;
    for (let at = 0; at < count; at++) ids[at] = this.#byteIds[bytes[start + at] as number] as number;
    for (let at = 0; at + 1 < count; at++) ranks[at] = this.#bytePair(bytes, start + at);
    while (count > 1) {
      let lowest = NONE;
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
      ids.copyWithin(place + 1, place + 2, count + 1);
      ranks.copyWithin(place + 1, place + 2, count + 1);
      if (place > 0) ranks[place - 1] = this.#rank(ids[place - 1] as number, lowest);
      if (place < count - 1) ranks[place] = this.#rank(lowest, ids[place + 1] as number);
    }
    return count;
  }

  #heap(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length >= POSITIONS)
      throw new RangeError(`encode: expected pieces below ${POSITIONS} bytes, got one of ${length}`);
    const ids = new Int32Array(length);
    const next = new Int32Array(length);
    const previous = new Int32Array(length);
    const wanted = new Int32Array(length).fill(NONE);
    const heap = new MinHeap(length);
    for (let at = 0; at < length; at++) {
      ids[at] = this.#byteIds[bytes[start + at] as number] as number;
      next[at] = at + 1;
      previous[at] = at - 1;
      const rank = at + 1 < length ? this.#bytePair(bytes, start + at) : NONE;
      if (rank === NONE) continue;
      wanted[at] = rank;
      heap.push(rank * POSITIONS + at);
    }
    const want = (at: number, left: number, right: number) => {
      const rank = this.#rank(left, right);
      wanted[at] = rank;
      if (rank !== NONE) heap.push(rank * POSITIONS + at);
    };
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
      wanted[eaten] = NONE;
      wanted[at] = NONE;
      if (after < length) {
        previous[after] = at;
        want(at, rank, ids[after] as number);
      }
      if (before >= 0) want(before, ids[before] as number, rank);
    }
    let count = 0;
    for (let at = 0; at < length; at = next[at] as number) ids[count++] = ids[at] as number;
    this.ids = ids.length < this.ids.length ? this.ids : ids;
    if (this.ids !== ids) this.ids.set(ids.subarray(0, count));
    return count;
  }

  #bytePair(bytes: Uint8Array, at: number): number {
    return this.#bytePairs[((bytes[at] as number) << 8) | (bytes[at + 1] as number)] as number;
  }

  /** The id that two tokens make together, or NONE. */
  #rank(left: number, right: number): number {
    const pairs = this.#pairs;
    const mask = pairs.length / 3 - 1;
    let slot = hashPair(left, right) & mask;
    for (;;) {
      const known = pairs[3 * slot] as number;
      if (known === left && pairs[3 * slot + 1] === right) return pairs[3 * slot + 2] as number;
      if (known < 0) return this.#learn(left, right, slot);
      slot = (slot + 1) & mask;
    }
  }

  #learn(left: number, right: number, slot: number): number {
    const first = this.#tokens.bytesOf(left);
    const second = this.#tokens.bytesOf(right);
    const length = first.length + second.length;
    if (this.#scratch.length < length) this.#scratch = new Uint8Array(2 * length);
    this.#scratch.set(first);
    this.#scratch.set(second, first.length);
    const id = this.#tokens.idOf(this.#scratch, 0, length);
    const rank = id < 0 ? NONE : id;
    // The table is bounded: past its limit it starts anew, which costs time and nothing else.
    if (this.#pairCount >= 1 << 20) this.#resize(1 << 16, false);
    else if (2 * this.#pairCount >= this.#pairs.length / 3) this.#resize((2 * this.#pairs.length) / 3, true);
    else {
      this.#put(slot, left, right, rank);
      return rank;
    }
    this.#put(this.#emptySlot(left, right), left, right, rank);
    return rank;
  }

  #put(slot: number, left: number, right: number, rank: number): void {
    this.#pairs[3 * slot] = left;
    this.#pairs[3 * slot + 1] = right;
    this.#pairs[3 * slot + 2] = rank;
    this.#pairCount++;
  }

  #resize(slots: number, keep: boolean): void {
    const old = keep ? this.#pairs : new Int32Array(0);
    this.#pairs = new Int32Array(3 * slots).fill(-1);
    this.#pairCount = 0;
    for (let at = 0; at < old.length; at += 3) {
      const left = old[at] as number;
      const right = old[at + 1] as number;
      if (left >= 0) this.#put(this.#emptySlot(left, right), left, right, old[at + 2] as number);
    }
  }

  #emptySlot(left: number, right: number): number {
    const mask = this.#pairs.length / 3 - 1;
    let slot = hashPair(left, right) & mask;
    while ((this.#pairs[3 * slot] as number) >= 0) slot = (slot + 1) & mask;
    return slot;
  }
}

/** A binary heap of numbers, the least on top. */
class MinHeap {
  size = 0;
  #keys: Float64Array;

  constructor(capacity: number) {
    this.#keys = new Float64Array(Math.max(16, capacity));
  }

  push(key: number): void {
    if (this.size === this.#keys.length) {
      const larger = new Float64Array(2 * this.size);
      larger.set(this.#keys);
      this.#keys = larger;
    }
    const keys = this.#keys;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((keys[parent] as number) <= key) break;
      keys[at] = keys[parent] as number;
      at = parent;
    }
    keys[at] = key;
  }

  /** Takes the least key out; the heap must not be empty. */
  pop(): number {
    const keys = this.#keys;
    const least = keys[0] as number;
    const moved = keys[--this.size] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && (keys[child + 1] as number) < (keys[child] as number)) child++;
      if ((keys[child] as number) >= moved) break;
      keys[at] = keys[child] as number;
      at = child;
    }
    keys[at] = moved;
    return least;
  }
}

function hashPair(left: number, right: number): number {
  const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}

/**
 * The BPE model: starting from characters, the neighbours whose joint piece has the highest score are merged, leftmost
 * first, until no two make a piece. User-defined pieces stand from the beginning and are never merged.
 *
 * A merged piece that is unused is taken apart again, at the split by which that piece was last considered.
 *
 * @see R. Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units" (2016)
 */

import { HAS_VALUE, LABEL_BITS, offsetOf } from "./doubleArray.ts";
import { MinHeap } from "../bpe/minHeap.ts";
import { characterLength, type Segmenter, type Segments } from "./segments.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Leaves out merges at random, as BPE-dropout does (https://arxiv.org/abs/1910.13267). */
export interface Dropout {
  /** Probability of leaving one out. */
  readonly alpha: number;
  /** Uniform numbers from 0 to below 1. */
  readonly rng: () => number;
}

const NONE = -1;
/** A heap key is rank * POSITIONS + symbol: exact in a double for ranks below 2^24. */
const POSITIONS = 2 ** 29;
const KEPT = 1 << 18;

/** Segmentation under a BPE model. */
export class BpeSegmenter implements Segmenter {
  readonly #vocabulary: Vocabulary;
  readonly #isUnused: Uint8Array;
  /** Position of each id's score among all scores, the highest first; equal scores share one. */
  readonly #ranks: Int32Array;
  readonly #heap = new MinHeap(64);
  /** Length of the left part of each unused piece, as last considered. */
  readonly #splits = new Map<number, number>();
  // Symbols: a list linked both ways, the first of two that are merged taking over.
  #starts = new Int32Array(0);
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  /** Place in the trie after the symbol, or NONE if it can begin no merge. */
  #places = new Int32Array(0);
  #ids = new Int32Array(0);
  /** Rank of the merge with the next symbol, or NONE. */
  #wanted = new Int32Array(0);

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    this.#isUnused = Uint8Array.from(vocabulary.kinds, (kind) => (kind === "unused" ? 1 : 0));
    const order = Float32Array.from(new Set(vocabulary.scores)).sort().reverse();
    const rankOf = new Map(Array.from(order, (score, rank) => [score, rank]));
    this.#ranks = Int32Array.from(vocabulary.scores, (score) => rankOf.get(score)!);
  }

  segment(bytes: Uint8Array, length: number, segments: Segments, dropout?: Dropout): void {
    segments.count = 0;
    if (length >= POSITIONS) throw new RangeError(`encode: expected text below ${POSITIONS} bytes, got ${length}`);
    if (length === 0) return;
    this.#splits.clear();
    this.#reserve(length + 1);
    this.#split(bytes, length);
    this.#merge(bytes, dropout);
    for (let at = 0, start = 0; start < length; at = this.#next[at]) {
      const end = this.#starts[this.#next[at]];
      const id = this.#ids[at];
      if (this.#isUnused[id] === 1) this.#resplit(bytes, start, end, segments);
      else segments.push(end, id);
      start = end;
    }
    if (length > KEPT) this.#reserve(0);
  }

  /** Makes a symbol of each character and each user-defined piece, and one at the end that is empty. */
  #split(bytes: Uint8Array, length: number): void {
    const { trie, userDefined, unkId } = this.#vocabulary;
    const { units } = trie;
    let count = 0;
    for (let start = 0; start < length; count++) {
      const frozen = userDefined === undefined ? 0 : userDefined.longest(bytes, start, length);
      const end = start + (frozen > 0 ? frozen : Math.min(length - start, characterLength(bytes[start])));
      this.#starts[count] = start;
      this.#next[count] = count + 1;
      this.#previous[count] = count - 1;
      this.#wanted[count] = NONE;
      const place = frozen > 0 ? NONE : this.#walk(bytes, 0, start, end);
      this.#places[count] = place;
      // A frozen symbol is told from a character that the trie lacks by its id.
      this.#ids[count] = frozen > 0 ? userDefined!.value : place < 0 ? unkId : idAt(units, place, unkId);
      if (frozen > 0) this.#places[count] = FROZEN;
      start = end;
    }
    this.#starts[count] = length;
    this.#places[count] = FROZEN;
    this.#heap.size = 0;
    for (let at = 0; at + 1 < count; at++) this.#want(bytes, at);
  }

  #merge(bytes: Uint8Array, dropout: Dropout | undefined): void {
    const { units } = this.#vocabulary.trie;
    const heap = this.#heap;
    const starts = this.#starts;
    const next = this.#next;
    while (heap.size > 0) {
      const key = heap.pop();
      const rank = Math.floor(key / POSITIONS);
      const at = key - rank * POSITIONS;
      if (this.#wanted[at] !== rank) continue;
      this.#wanted[at] = NONE;
      if (dropout !== undefined && dropout.alpha > 0 && (dropout.alpha >= 1 || dropout.rng() < dropout.alpha)) continue;
      const eaten = next[at];
      const after = next[eaten];
      this.#places[at] = this.#walk(bytes, this.#places[at], starts[eaten], starts[after]);
      this.#ids[at] = idAt(units, this.#places[at], NONE);
      this.#wanted[eaten] = NONE;
      next[at] = after;
      this.#previous[after] = at;
      if (this.#previous[at] >= 0) this.#want(bytes, this.#previous[at]);
      this.#want(bytes, at);
    }
  }

  /** Queues the merge of a symbol with the next if the two make a piece. */
  #want(bytes: Uint8Array, at: number): void {
    this.#wanted[at] = NONE;
    const right = this.#next[at];
    if (this.#places[at] < 0 || this.#places[right] === FROZEN) return;
    const place = this.#walk(bytes, this.#places[at], this.#starts[right], this.#starts[this.#next[right]]);
    const id = place < 0 ? NONE : idAt(this.#vocabulary.trie.units, place, NONE);
    if (id < 0) return;
    this.#wanted[at] = this.#ranks[id];
    this.#heap.push(this.#ranks[id] * POSITIONS + at);
    if (this.#isUnused[id] === 1) this.#splits.set(id, this.#starts[right] - this.#starts[at]);
  }

  /** The place after walking on from one by some bytes, or NONE. */
  #walk(bytes: Uint8Array, from: number, start: number, end: number): number {
    const { units } = this.#vocabulary.trie;
    let place = from;
    for (let at = start; at < end; at++) {
      place ^= offsetOf(units[place]) ^ bytes[at];
      if ((units[place] & LABEL_BITS) !== bytes[at]) return NONE;
    }
    return place;
  }

  #resplit(bytes: Uint8Array, from: number, to: number, segments: Segments): void {
    const { trie, unkId } = this.#vocabulary;
    // Ends of what is still to do; the parts follow each other.
    const ends = [to];
    for (let start = from; ends.length > 0;) {
      const end = ends.at(-1)!;
      const id = trie.find(bytes, start, end);
      const left = id >= 0 && this.#isUnused[id] === 1 ? this.#splits.get(id) : undefined;
      if (left !== undefined) ends.push(start + left);
      else {
        segments.push(end, id < 0 ? unkId : id);
        ends.pop();
        start = end;
      }
    }
  }

  #reserve(size: number): void {
    if (size > 0 && size <= this.#starts.length) return;
    const capacity = Math.max(1024, size === 0 ? 0 : size + (size >> 1));
    this.#starts = new Int32Array(capacity);
    this.#next = new Int32Array(capacity);
    this.#previous = new Int32Array(capacity);
    this.#places = new Int32Array(capacity);
    this.#ids = new Int32Array(capacity);
    this.#wanted = new Int32Array(capacity);
  }
}

/** In place of a place in the trie: the symbol is never merged. */
const FROZEN = -2;

/** The id of the piece that ends at a place of the trie. */
function idAt(units: Int32Array, place: number, otherwise: number): number {
  const unit = units[place];
  return (unit & HAS_VALUE) === 0 ? otherwise : units[place ^ offsetOf(unit)] & 0x7fffffff;
}

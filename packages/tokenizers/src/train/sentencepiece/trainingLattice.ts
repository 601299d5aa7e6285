/**
 * All ways to cut a sentence into pieces, as `sentencepiece/lattice.ts`, but in memory that is used again for the next
 * sentence, and with the sums that expectation needs.
 *
 * Numbers are float32 and are added in the order of the original.
 */

import { LENGTH_BITS, LONGEST, type SentenceSpans } from "./seedSpans.ts";
import { ROOT, VALUE } from "./pointTrie.ts";
import type { UnigramPieces } from "./unigramPieces.ts";

const { exp, fround, log } = Math;
/** Above this difference of logarithms the smaller term of a sum is left out. */
const NEGLIGIBLE = 50;
/** log(2^-26), and some more. */
const UNSEEN = -18.5;
const NONE = -1;

/** The graph for one sentence after the other. */
export class TrainingLattice {
  /** Number of characters. */
  size = 0;
  /** Number of nodes, in the order of their beginnings, then of their lengths; an unknown character comes after longer nodes. */
  count = 0;
  /** The nodes that begin at place p are `from[p]` to `from[p + 1]`. */
  from: Int32Array = new Int32Array(64);
  starts: Int32Array = new Int32Array(256);
  ends: Int32Array = new Int32Array(256);
  /** The seed of each node; -1 for an unknown character. */
  seeds: Int32Array = new Int32Array(256);
  /** The piece of each node; an unknown character counts as piece 0. */
  ids: Int32Array = new Int32Array(256);
  scores: Float32Array = new Float32Array(256);
  #best = new Float32Array(64);
  // Sums over all ways to a place, and from it.
  #before = new Float32Array(64);
  #behind = new Float32Array(64);
  /** The nodes of the best way that {@link findBest} found, the last one first. */
  readonly path: number[] = [];
  /** Length of the longest node. */
  #longest = 1;

  /** Takes a sentence. */
  build(pieces: UnigramPieces, unknownScore: number, points: Int32Array, start: number, end: number): void {
    const { trie, pieceOf, scores } = pieces;
    const { slots } = trie;
    this.#begin(end - start);
    for (let place = 0; place < this.size; place++) {
      this.#reserve(this.size - place + 1);
      let isKnown = false;
      let node = ROOT;
      for (let at = start + place; at < end; at++) {
        node = trie.step(node, points[at]);
        if (node < 0) break;
        const seed = slots[node + VALUE];
        if (seed < 0 || pieceOf[seed] < 0) continue;
        this.#add(place, at + 1 - start, seed, pieceOf[seed], scores[pieceOf[seed]]);
        if (at === start + place) isKnown = true;
      }
      if (!isKnown) this.#add(place, place + 1, NONE, 0, unknownScore);
      this.from[place + 1] = this.count;
    }
  }

  /** Takes a sentence of `size` characters of which it is known where seeds stand. */
  buildFrom(pieces: UnigramPieces, unknownScore: number, size: number, spans: SentenceSpans): void {
    const { pieceOf, scores } = pieces;
    const { seeds, extents } = spans;
    this.#begin(size);
    this.#reserve(spans.to - spans.from + size + 1);
    let kept = spans.from;
    for (let place = 0, at = spans.from; place < size; place++) {
      let isKnown = false;
      for (; at < spans.to && extents[at] >>> LENGTH_BITS === place; at++) {
        const seed = seeds[at];
        const piece = pieceOf[seed];
        if (piece < 0) continue;
        const extent = extents[at];
        const length = extent & LONGEST;
        this.#add(place, place + length, seed, piece, scores[piece]);
        if (length === 1) isKnown = true;
        seeds[kept] = seed;
        extents[kept++] = extent;
      }
      if (!isKnown) this.#add(place, place + 1, NONE, 0, unknownScore);
      this.from[place + 1] = this.count;
    }
    spans.to = kept;
  }

  #begin(size: number): void {
    this.size = size;
    this.count = 0;
    this.#longest = 1;
    if (size + 2 > this.from.length) this.#reservePlaces(size + 2);
    this.from[0] = 0;
  }

  #add(start: number, end: number, seed: number, id: number, score: number): void {
    const node = this.count++;
    this.starts[node] = start;
    this.ends[node] = end;
    this.seeds[node] = seed;
    this.ids[node] = id;
    this.scores[node] = score;
    if (end - start > this.#longest) this.#longest = end - start;
  }

  /** Adds to each piece's expectation how often it is expected in this sentence, which occurs `weight` times. */
  addExpectations(expected: Float32Array, weight: number): void {
    const { size, from, ends, ids, scores } = this;
    const before = this.#before;
    const behind = this.#behind;
    before.fill(Number.NEGATIVE_INFINITY, 0, size + 1);
    before[0] = 0;
    for (let place = 0; place < size; place++) {
      const sum = before[place];
      for (let node = from[place]; node < from[place + 1]; node++) {
        const term = fround(scores[node] + sum);
        const known = before[ends[node]];
        // The first term begins the sum.
        before[ends[node]] = known === Number.NEGATIVE_INFINITY ? term : logSumExp(known, term);
      }
    }
    behind[size] = 0;
    for (let place = size - 1; place >= 0; place--) {
      let sum = 0;
      for (let node = from[place]; node < from[place + 1]; node++) {
        const term = fround(scores[node] + behind[ends[node]]);
        sum = node === from[place] ? term : logSumExp(sum, term);
      }
      behind[place] = sum;
    }
    const whole = before[size];
    for (let place = 0; place < size; place++) {
      for (let node = from[place]; node < from[place + 1]; node++) {
        const share = fround(fround(fround(before[place] + scores[node]) + behind[ends[node]]) - whole);
        expected[ids[node]] += weight * exp(share);
      }
    }
  }

  /** By place: the best score of a way to it that does not use one node. */
  bestWithout(avoided: number): Float32Array {
    const { size, from, ends, scores } = this;
    const best = this.#best;
    best.fill(Number.NEGATIVE_INFINITY, 0, size + 1);
    best[0] = 0;
    for (let place = 0; place < size; place++) {
      const score = best[place];
      for (let node = from[place]; node < from[place + 1]; node++) {
        const through = fround(score + scores[node]);
        if (through > best[ends[node]] && node !== avoided) best[ends[node]] = through;
      }
    }
    return best;
  }

  /** Finds the best way; of equals, that whose last piece begins first. */
  findBest(): void {
    const { size, scores, path } = this;
    this.bestWithout(-1);
    path.length = 0;
    for (let place = size, right = 0; place > 0;) {
      const node = this.#bestBefore(place, right);
      path.push(node);
      right = scores[node];
      place = this.starts[node];
    }
  }

  /** The best of the nodes that end at a place, before a node with score `right`. */
  #bestBefore(place: number, right: number): number {
    const { from, ends, scores } = this;
    const best = this.#best;
    let found = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (let start = Math.max(0, place - this.#longest); start < place; start++) {
      for (let node = from[start]; node < from[start + 1]; node++) {
        if (ends[node] !== place) continue;
        const score = fround(fround(best[start] + scores[node]) + right);
        if (score > highest || found < 0) {
          found = node;
          highest = score;
        }
      }
    }
    return found;
  }

  #reservePlaces(size: number): void {
    this.from = new Int32Array(2 * size);
    this.#best = new Float32Array(2 * size);
    this.#before = new Float32Array(2 * size);
    this.#behind = new Float32Array(2 * size);
  }

  /** Makes room for more nodes. */
  #reserve(more: number): void {
    const count = this.count + more;
    if (count <= this.ids.length) return;
    const larger = <T extends Int32Array | Float32Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    this.starts = larger(this.starts, new Int32Array(2 * count));
    this.ends = larger(this.ends, new Int32Array(2 * count));
    this.seeds = larger(this.seeds, new Int32Array(2 * count));
    this.ids = larger(this.ids, new Int32Array(2 * count));
    this.scores = larger(this.scores, new Float32Array(2 * count));
  }
}

/** log(exp(x) + exp(y)) */
function logSumExp(x: number, y: number): number {
  const low = x < y ? x : y;
  const high = x < y ? y : x;
  // What would be added is less than half a unit in the last place.
  if (low - high < UNSEEN && (high > 1 || high < -1)) return high;
  return high > fround(low + NEGLIGIBLE) ? high : fround(high + log(exp(fround(low - high)) + 1));
}

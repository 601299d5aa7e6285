/**
 * All ways to cut a text into pieces under a unigram model: a graph whose places are the boundaries of characters and
 * whose nodes are the pieces between two of them. A way from the beginning to the end is one segmentation; its score is
 * the sum of its nodes' scores.
 *
 * Scores are float32, and so is each sum of them, as in the original, since ties decide the order of the n best.
 *
 * @see T. Kudo, "Subword Regularization" (2018), https://arxiv.org/abs/1804.10959
 */

import { HAS_VALUE, LABEL_BITS, offsetOf } from "./doubleArray.ts";
import { characterLength } from "./segments.ts";
import type { UnigramScores } from "./unigramSegmenter.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** More nodes than this are refused: they would take a gigabyte. */
const MAX_NODES = 2 ** 24;
const { fround } = Math;

/** The graph for one text. Node 0 stands before the text and the last node behind it; both have score 0. */
export class Lattice {
  /** Number of characters. */
  readonly size: number;
  /** Where each node begins and ends, in characters. */
  readonly starts: number[] = [0];
  readonly ends: number[] = [0];
  /** The id of each node's piece; -1 for the first and the last node. */
  readonly ids: number[] = [-1];
  readonly scores: number[] = [0];
  /** Where each character begins, in bytes; also where the last one ends. */
  readonly offsets: readonly number[];
  /** The nodes that end at place p, in the order of their beginnings: `left[from]` with `from` in `leftFrom[p] .. leftFrom[p + 1]`. */
  readonly left: Int32Array;
  readonly leftFrom: Int32Array;

  /**
   * @param bytes - Normalized text, followed by a zero byte.
   * @param length - Its length without that.
   * @param vocabulary - The pieces.
   * @param scores - The range of their scores.
   * @throws RangeError if the graph would be too large.
   */
  constructor(bytes: Uint8Array, length: number, vocabulary: Vocabulary, scores: UnigramScores) {
    const offsets: number[] = [];
    for (let at = 0; at < length; at += characterLength(bytes[at])) offsets.push(at);
    this.size = offsets.length;
    this.offsets = offsets;
    offsets.push(length);
    for (let place = 0; place < this.size; place++) this.#addPieces(bytes, place, vocabulary, scores);
    this.#add(this.size, this.size + 1, -1, 0);

    const nodes = this.ids.length;
    this.leftFrom = new Int32Array(this.size + 3);
    for (let node = 0; node < nodes; node++) this.leftFrom[this.ends[node] + 1]++;
    for (let place = 0; place <= this.size + 1; place++) this.leftFrom[place + 1] += this.leftFrom[place];
    this.left = new Int32Array(nodes);
    const filled = this.leftFrom.slice();
    for (let node = 0; node < nodes; node++) this.left[filled[this.ends[node]]++] = node;
  }

  /** The last node, which stands behind the text. */
  get last(): number {
    return this.ids.length - 1;
  }

  /** By place: the best score of a way from the beginning to it. */
  bestScores(): Float32Array {
    const best = new Float32Array(this.size + 1);
    for (let place = 1; place <= this.size; place++) {
      let score = Number.NEGATIVE_INFINITY;
      for (let i = this.leftFrom[place]; i < this.leftFrom[place + 1]; i++) {
        score = Math.max(score, this.scoreThrough(best, this.left[i]));
      }
      best[place] = score;
    }
    if (!Number.isFinite(best[this.size])) {
      throw new RangeError("Lattice: expected scores whose sum over the text is finite; the model's are too large");
    }
    return best;
  }

  /** The best score of a way from the beginning that ends with a node. */
  scoreThrough(best: Float32Array, node: number): number {
    return fround(best[this.starts[node]] + this.scores[node]);
  }

  /** The nodes of the best way; of equals, that whose last piece begins first. */
  bestPath(best: Float32Array): number[] {
    const path: number[] = [];
    for (let place = this.size; place > 0; place = this.starts[path.at(-1)!]) {
      const right = path.length === 0 ? 0 : this.scores[path.at(-1)!];
      let found = -1;
      let highest = Number.NEGATIVE_INFINITY;
      for (let i = this.leftFrom[place]; i < this.leftFrom[place + 1]; i++) {
        const score = fround(this.scoreThrough(best, this.left[i]) + right);
        if (score > highest || found < 0) {
          found = this.left[i];
          highest = score;
        }
      }
      path.push(found);
    }
    return path.reverse();
  }

  /** Adds the pieces that begin at a place, and an unknown one if none of them is a single character. */
  #addPieces(bytes: Uint8Array, place: number, vocabulary: Vocabulary, scores: UnigramScores): void {
    const { trie, kinds, unkId } = vocabulary;
    const { units } = trie;
    const { offsets, size } = this;
    let isKnown = false;
    let unit = offsetOf(units[0]);
    let end = place;
    for (let at = offsets[place]; at < offsets[size];) {
      const byte = bytes[at++];
      unit ^= byte;
      const value = units[unit];
      if ((value & LABEL_BITS) !== byte) break;
      unit ^= offsetOf(value);
      if ((value & HAS_VALUE) === 0) continue;
      const id = units[unit] & 0x7fffffff;
      if (kinds[id] === "unused") continue;
      while (offsets[end] < at) end++;
      // A user-defined piece is to win always; its length counts in characters here.
      const bonus = fround((end - place) * scores.highest) - 0.1;
      this.#add(place, end, id, kinds[id] === "userDefined" ? bonus : vocabulary.scores[id]);
      if (end === place + 1) isKnown = true;
    }
    if (!isKnown) this.#add(place, place + 1, unkId, scores.unknown);
  }

  #add(start: number, end: number, id: number, score: number): void {
    if (this.ids.length === MAX_NODES) {
      throw new RangeError(`Lattice: expected at most ${MAX_NODES} pieces to choose from; give a shorter text`);
    }
    this.starts.push(start);
    this.ends.push(end);
    this.ids.push(id);
    this.scores.push(fround(score));
  }
}

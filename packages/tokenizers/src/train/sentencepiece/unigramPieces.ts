/**
 * The pieces of a unigram model while it is trained: ever fewer of the seeds, with scores that change.
 */

import { PointTrie, VALUE } from "./pointTrie.ts";
import type { SeedPieces } from "./seedPieces.ts";

/** How much less than the least likely piece an unknown character scores. */
const UNKNOWN_PENALTY = 10;

/** Pieces 0 to `size - 1`. */
export class UnigramPieces {
  readonly seeds: SeedPieces;
  /** Which seed each piece is. */
  chosen: Int32Array;
  scores: Float32Array;
  /** The least score. */
  lowest: number;
  /** Which piece each seed is; -1 if it is none any more. */
  readonly pieceOf: Int32Array;
  /** Seeds by their spelling; some of them are no pieces any more. */
  trie: PointTrie;
  /** How many pieces the trie was built for. */
  #built = 0;

  constructor(seeds: SeedPieces) {
    this.seeds = seeds;
    this.chosen = Int32Array.from(seeds.scores.keys());
    this.scores = seeds.scores;
    this.lowest = least(seeds.scores);
    this.pieceOf = Int32Array.from(this.chosen);
    this.trie = this.#buildTrie();
  }

  get size(): number {
    return this.chosen.length;
  }

  /** The score of an unknown character. */
  get unknownScore(): number {
    return Math.fround(this.lowest - UNKNOWN_PENALTY);
  }

  /**
   * Keeps some pieces.
   *
   * @param kept - Which, in their new order.
   * @param scores - Their new scores.
   */
  keep(kept: Int32Array, scores: Float32Array): void {
    if (kept.length === 0) {
      throw new RangeError(
        "trainSentencePiece: expected text in which some piece occurs, got too little; give more text",
      );
    }
    for (const seed of this.chosen) this.pieceOf[seed] = -1;
    this.chosen = kept.map((piece) => this.chosen[piece]);
    this.scores = scores;
    this.lowest = least(scores);
    this.chosen.forEach((seed, piece) => (this.pieceOf[seed] = piece));
    if (2 * this.size < this.#built) this.trie = this.#buildTrie();
  }

  #buildTrie(): PointTrie {
    const { points, starts, ends } = this.seeds;
    let length = 0;
    for (const seed of this.chosen) length += ends[seed] - starts[seed];
    const trie = new PointTrie(length);
    for (const seed of this.chosen) trie.slots[trie.insert(points, starts[seed], ends[seed]) + VALUE] = seed;
    this.#built = this.size;
    return trie;
  }
}

function least(scores: Float32Array): number {
  return scores.reduce((lowest, score) => Math.min(lowest, score), Number.POSITIVE_INFINITY);
}

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
  trie: PointTrie;
  /** Node of each seed in the trie. */
  readonly #nodes: Int32Array;
  /** How many pieces the trie was built for. */
  #built = 0;

  constructor(seeds: SeedPieces) {
    this.seeds = seeds;
    this.chosen = Int32Array.from(seeds.scores.keys());
    this.scores = seeds.scores;
    this.lowest = least(seeds.scores);
    this.#nodes = new Int32Array(seeds.scores.length);
    this.trie = new PointTrie(0);
    this.#buildTrie();
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
    for (const seed of this.chosen) this.trie.slots[this.#nodes[seed] + VALUE] = -1;
    this.chosen = kept.map((piece) => this.chosen[piece]);
    this.scores = scores;
    this.lowest = least(scores);
    if (2 * this.size < this.#built) this.#buildTrie();
    else this.chosen.forEach((seed, piece) => (this.trie.slots[this.#nodes[seed] + VALUE] = piece));
  }

  #buildTrie(): void {
    const { points, starts, ends } = this.seeds;
    let length = 0;
    for (const seed of this.chosen) length += ends[seed] - starts[seed];
    this.trie = new PointTrie(length);
    this.chosen.forEach((seed, piece) => {
      const node = this.trie.insert(points, starts[seed], ends[seed]);
      this.#nodes[seed] = node;
      this.trie.slots[node + VALUE] = piece;
    });
    this.#built = this.size;
  }
}

function least(scores: Float32Array): number {
  return scores.reduce((lowest, score) => Math.min(lowest, score), Number.POSITIVE_INFINITY);
}

/** Where one stands in a stream of tokens, as far as counts are concerned: the contexts of each length that end here. */

import type { NGramCounts } from "./nGramCounts.ts";

/**
 * Moves token by token along a stream, and begins anew after a boundary: for scoring and writing token by token without
 * looking the same context up again.
 *
 * @example
 * ```ts
 * const cursor = new ContextCursor(model.counts);
 * cursor.step(3);
 * model.probabilityAt(cursor, 5) === model.probability([3], 5); // => true
 * ```
 */
export class ContextCursor {
  /** By length, up to order - 1: the node of the context of that length that ends here; -1 where it was never counted. */
  readonly nodes: Int32Array;
  /** How long the longest context is, counted or not: shorter than order - 1 near the beginning of a text. */
  length = 0;
  readonly #counts: NGramCounts;
  /** The last order - 1 tokens, the latest last. */
  readonly #recent: Uint32Array;

  /** Stands at the beginning of a text or document. */
  constructor(counts: NGramCounts) {
    this.#counts = counts;
    this.nodes = new Int32Array(counts.order);
    this.#recent = new Uint32Array(counts.order - 1);
    this.reset();
  }

  /** Goes to the beginning of a text, or of a document. */
  reset(): void {
    const { boundary, order } = this.#counts;
    this.nodes.fill(-1, 1);
    this.length = 0;
    if (boundary !== undefined) for (let k = 1; k < order; k++) this.#step(boundary);
  }

  /** Goes on by one token, an id in [0, V). */
  step(token: number): void {
    if (token === this.#counts.boundary) this.reset();
    else this.#step(token);
  }

  /** The longest context, as tokens. */
  context(): number[] {
    return [...this.#recent.subarray(this.#recent.length - this.length)];
  }

  #step(token: number): void {
    const { trie, order } = this.#counts;
    const { nodes } = this;
    if (order === 1) return;
    for (let k = order - 1; k >= 1; k--) nodes[k] = nodes[k - 1] < 0 ? -1 : trie.child(k - 1, nodes[k - 1], token);
    this.#recent.copyWithin(0, 1);
    this.#recent[order - 2] = token;
    this.length = Math.min(this.length + 1, order - 1);
  }
}

/**
 * Counting: the grams of every length up to an order, from a stream of token ids that need not fit into memory.
 *
 * A gram is counted where it ends. At each token, those of length 1, 2, ..., order that end there are counted, as far as
 * the text (or the document) reaches back, so each token is counted once per length.
 */

import { GramTable } from "./gramTable.ts";
import { NGramCounts } from "./nGramCounts.ts";
import { sortGrams } from "./sortGrams.ts";
import { forEachChunk, type TokenIds, type TokenStream } from "./tokenIds.ts";

/** What is counted. */
export interface NGramOptions {
  /** The length of the longest grams: 1 for unigrams, 2 for bigrams, 3 for trigrams; an integer in [1, 32]. */
  readonly order: number;
  /** How many tokens there are: ids are below it. An integer in [1, 2^24]. */
  readonly vocabSize: number;
  /**
   * The id that ends each document. What follows it is counted as if order - 1 of it stood before, and nothing of the
   * document before: `"emma\nava\n"` with the id of `"\n"` are two words, whose first letters follow `"\n"`.
   *
   * @defaultValue none: the stream is one text, and its first tokens have shorter contexts
   */
  readonly boundary?: number | undefined;
}

/**
 * Counts as ids come.
 *
 * @example
 * ```ts
 * const counter = new NGramCounter({ order: 2, vocabSize: 3 });
 * counter.add([0, 1, 0]);
 * counter.add([1, 2]);
 * counter.counts().count([0, 1]); // => 2
 * ```
 */
export class NGramCounter {
  readonly #order: number;
  readonly #vocabSize: number;
  readonly #boundary: number | undefined;
  readonly #unigrams: Uint32Array;
  /** Of the grams of length 2, 3, ... */
  readonly #tables: readonly GramTable[];
  /** By length: the gram that ends at the last token, -1 where the text does not reach back so far. */
  readonly #contexts: Int32Array;
  /** What the contexts are at the beginning of a document. */
  readonly #beginning: Int32Array;
  #tokens = 0;

  /** @throws RangeError for options out of range. */
  constructor({ order, vocabSize, boundary }: NGramOptions) {
    checkNGramOptions("NGramCounter", { order, vocabSize, boundary });
    this.#order = order;
    this.#vocabSize = vocabSize;
    this.#boundary = boundary;
    this.#unigrams = new Uint32Array(vocabSize);
    this.#tables = Array.from({ length: order - 1 }, () => new GramTable());
    this.#beginning = new Int32Array(order).fill(-1);
    this.#beginning[0] = 0; // the empty gram
    if (boundary !== undefined) {
      // The contexts of nothing but boundaries are there before anything is counted in them.
      for (let k = 1; k < order; k++) {
        this.#beginning[k] = k === 1 ? boundary : this.#tables[k - 2].findOrAdd(this.#beginning[k - 1], boundary);
      }
    }
    this.#contexts = this.#beginning.slice();
  }

  /**
   * Counts more ids.
   *
   * @returns this counter.
   * @throws RangeError for an id out of range (those before it are counted), TypeError if these are no ids.
   */
  add(ids: TokenStream): this {
    forEachChunk("NGramCounter.add", ids, (chunk) => this.#addChunk(chunk));
    return this;
  }

  #addChunk(ids: TokenIds): void {
    const contexts = this.#contexts;
    const order = this.#order;
    if (this.#tokens + ids.length >= 2 ** 32) throw new RangeError("NGramCounter.add: expected fewer than 2^32 ids");
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (!(id >>> 0 === id && id < this.#vocabSize)) {
        throw new RangeError(
          `NGramCounter.add: expected ids from 0 to ${this.#vocabSize - 1}, got ${String(id)} at position ${this.#tokens}`,
        );
      }
      this.#tokens++;
      // From the longest down: each gram needs the context that the token before left.
      for (let k = order; k >= 2; k--) {
        if (contexts[k - 1] < 0) continue;
        const table = this.#tables[k - 2];
        const gram = table.findOrAdd(contexts[k - 1], id);
        table.counts[gram]++;
        if (k < order) contexts[k] = gram;
      }
      this.#unigrams[id]++;
      if (order > 1) contexts[1] = id;
      if (id === this.#boundary) contexts.set(this.#beginning);
    }
  }

  /**
   * What was counted so far; more may be added afterwards, to be counted by the next call.
   *
   * @throws RangeError if no gram of the longest length was counted: the text is shorter than the order, or empty.
   */
  counts(): NGramCounts {
    const needed = this.#boundary === undefined ? this.#order : 1;
    if (this.#tokens < needed) {
      throw new RangeError(
        `NGramCounter.counts: expected at least ${needed} ids for order ${this.#order}, got ${this.#tokens}; use more text` +
          (this.#tokens === 0 ? "" : ` or an order of at most ${this.#tokens}`),
      );
    }
    return new NGramCounts(sortGrams(this.#unigrams, this.#tables), this.#boundary);
  }
}

/** @throws RangeError naming the first option out of range. */
function checkNGramOptions(caller: string, { order, vocabSize, boundary }: NGramOptions): void {
  if (!Number.isInteger(order) || order < 1 || order > 32) {
    throw new RangeError(`${caller}: expected order to be an integer in [1, 32], got ${String(order)}`);
  }
  if (!Number.isInteger(vocabSize) || vocabSize < 1 || vocabSize > 2 ** 24) {
    throw new RangeError(`${caller}: expected vocabSize to be an integer in [1, 2^24], got ${String(vocabSize)}`);
  }
  if (boundary !== undefined && (!Number.isInteger(boundary) || boundary < 0 || boundary >= vocabSize)) {
    throw new RangeError(
      `${caller}: expected boundary to be an id from 0 to ${vocabSize - 1}, got ${String(boundary)}`,
    );
  }
}

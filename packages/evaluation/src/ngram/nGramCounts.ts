/**
 * How often each gram came: what every n-gram model is made of. Immutable; `NGramCounter` makes it.
 */

import type { GramTrie } from "./gramTrie.ts";
import { NGramCounter, type NGramOptions } from "./nGramCounter.ts";
import { decodeCounts, encodeCounts } from "./nGramFile.ts";
import { type AsyncTokenStream, forEachChunkAsync, type TokenIds, type TokenStream } from "./tokenIds.ts";

/**
 * The counts of all grams of length 1 to `order`.
 *
 * @example
 * ```ts
 * const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 3, vocabSize: 3 });
 * counts.count([0, 1]); // => 2
 * counts.followers([0, 1]); // => new Uint32Array([1, 0, 1])
 * ```
 */
export class NGramCounts {
  readonly order: number;
  readonly vocabSize: number;
  /** The id that ends documents, if there is one. */
  readonly boundary: number | undefined;
  /** How many tokens were counted. */
  readonly tokens: number;
  /** The counts themselves, for smoothing methods of one's own. */
  readonly trie: GramTrie;

  /** Use {@link NGramCounts.from}, `NGramCounter.counts` or {@link NGramCounts.fromBytes}. */
  constructor(trie: GramTrie, boundary: number | undefined) {
    this.trie = trie;
    this.order = trie.order;
    this.vocabSize = trie.vocabSize;
    this.boundary = boundary;
    this.tokens = trie.levels[0].counts[0];
  }

  /**
   * Counts a stream of ids.
   *
   * @throws RangeError for options and ids out of range, and where the text is shorter than the order.
   */
  static from(ids: TokenStream, options: NGramOptions): NGramCounts {
    return new NGramCounter(options).add(ids).counts();
  }

  /** {@link NGramCounts.from} for a stream that arrives bit by bit, such as a file's shards. */
  static async fromAsync(ids: TokenStream | AsyncTokenStream, options: NGramOptions): Promise<NGramCounts> {
    const counter = new NGramCounter(options);
    await forEachChunkAsync("NGramCounts.fromAsync", ids, (chunk) => counter.add(chunk));
    return counter.counts();
  }

  /**
   * How often a gram came.
   *
   * @param gram - At most `order` ids; none counts all tokens.
   * @throws RangeError for more ids or an id out of range.
   */
  count(gram: TokenIds): number {
    const node = this.#node("count", gram, this.order);
    return node < 0 ? 0 : this.trie.levels[gram.length].counts[node];
  }

  /**
   * How often each token followed a context: one row of the table that the lecture draws for bigrams.
   *
   * @param context - At most `order - 1` ids.
   * @returns `[V]`
   * @throws RangeError for more ids or an id out of range.
   */
  followers(context: TokenIds): Uint32Array {
    const node = this.#node("followers", context, this.order - 1);
    const row = new Uint32Array(this.vocabSize);
    if (node < 0) return row;
    const { children } = this.trie.levels[context.length];
    const { tokens, counts } = this.trie.levels[context.length + 1];
    for (let child = children[node]; child < children[node + 1]; child++) row[tokens[child]] = counts[child];
    return row;
  }

  /** How many different grams of a length came. @throws RangeError unless `length` is from 1 to `order`. */
  distinct(length: number): number {
    if (!Number.isInteger(length) || length < 1 || length > this.order) {
      throw new RangeError(`NGramCounts.distinct: expected length from 1 to ${this.order}, got ${String(length)}`);
    }
    return this.trie.levels[length].counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  }

  /**
   * The same counts without the grams longer than `order`: what counting with that order gives, at no cost.
   *
   * @throws RangeError unless `order` is from 1 to the present one.
   */
  withOrder(order: number): NGramCounts {
    if (!Number.isInteger(order) || order < 1 || order > this.order) {
      throw new RangeError(`NGramCounts.withOrder: expected order from 1 to ${this.order}, got ${String(order)}`);
    }
    return new NGramCounts(this.trie.withOrder(order), this.boundary);
  }

  /** The counts as a file: some three bytes per gram. */
  toBytes(): Uint8Array {
    return encodeCounts(this.trie, this.boundary);
  }

  /**
   * The counts of a file that {@link NGramCounts.toBytes} gave. Checked wholly; takes memory in proportion to its size.
   *
   * @throws RangeError naming what is wrong with it.
   */
  static fromBytes(bytes: Uint8Array): NGramCounts {
    const { trie, boundary } = decodeCounts(bytes);
    return new NGramCounts(trie, boundary);
  }

  /** The node of a gram; -1 where it did not come. */
  #node(method: string, gram: TokenIds, longest: number): number {
    if (gram.length > longest) {
      throw new RangeError(`NGramCounts.${method}: expected at most ${longest} ids, got ${gram.length}`);
    }
    let node = 0;
    for (let k = 0; k < gram.length; k++) {
      const id = gram[k];
      if (!(id >>> 0 === id && id < this.vocabSize)) {
        throw new RangeError(
          `NGramCounts.${method}: expected ids from 0 to ${this.vocabSize - 1}, got ${String(id)} at index ${k}`,
        );
      }
      if (node >= 0) node = this.trie.child(k, node, id);
    }
    return node;
  }
}

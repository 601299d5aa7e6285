/**
 * Counts of grams of all lengths up to an order, as a sorted trie in typed arrays: the grams of length k are numbered in
 * lexicographic order, so those that continue one gram lie side by side, ordered by their last token, and are found by
 * bisection. A *node* is the number of a gram among those of its length; a gram's node is also the node of the context
 * that it forms for the next token.
 *
 * The same counts give the same arrays, whatever the order in which the grams were met.
 */

/** The grams of one length, arrays with one element per node. */
export interface GramLevel {
  /** The last token of each gram. */
  readonly tokens: Uint32Array;
  /** How often each was counted; 0 where it is known as a context only. */
  readonly counts: Uint32Array;
  /** One more element than nodes, none at the longest length: the continuations of node i are the nodes from `children[i]` to `children[i + 1]` of the next level. */
  readonly children: Uint32Array;
}

/** Level 0 is the empty gram; level 1 has a node for each token of the vocabulary, numbered as the tokens. */
export class GramTrie {
  readonly vocabSize: number;
  readonly levels: readonly GramLevel[];
  readonly #totals: (Float64Array | undefined)[] = [];
  readonly #suffixes: (Uint32Array | undefined)[] = [];

  constructor(vocabSize: number, levels: readonly GramLevel[]) {
    this.vocabSize = vocabSize;
    this.levels = levels;
  }

  get order(): number {
    return this.levels.length - 1;
  }

  /** The node of the gram at `node` of `level` followed by `token`; -1 where there is none. */
  child(level: number, node: number, token: number): number {
    if (level === 0) return token;
    const { children } = this.levels[level];
    return find(this.levels[level + 1].tokens, children[node], children[node + 1], token);
  }

  /** The trie of the grams up to a smaller length; shares this one's arrays. */
  withOrder(order: number): GramTrie {
    const levels = this.levels.slice(0, order + 1);
    levels[order] = { ...levels[order], children: new Uint32Array(0) };
    return new GramTrie(this.vocabSize, levels);
  }

  /** How often each node of `level`, which is below the order, was followed by anything. */
  totals(level: number): Float64Array {
    return (this.#totals[level] ??= sumOfChildren(this.levels[level], this.levels[level + 1].counts));
  }

  /**
   * For each node of `level` >= 1, the node one level below of the same gram without its first token.
   *
   * @throws RangeError if one is missing: counts of a text have them all.
   */
  suffixes(level: number): Uint32Array {
    return (this.#suffixes[level] ??= this.#findSuffixes(level));
  }

  #findSuffixes(level: number): Uint32Array {
    const suffixes = new Uint32Array(this.levels[level].tokens.length);
    if (level === 1) return suffixes; // the empty gram
    const shorter = this.suffixes(level - 1);
    const { children } = this.levels[level - 1];
    const { tokens } = this.levels[level];
    const target = this.levels[level - 1].tokens;
    for (let parent = 0; parent < shorter.length; parent++) {
      // Both are in order of their tokens, so each search begins where the last one ended.
      let start = this.levels[level - 2].children[shorter[parent]];
      const end = this.levels[level - 2].children[shorter[parent] + 1];
      for (let node = children[parent]; node < children[parent + 1]; node++) {
        const suffix = find(target, start, end, tokens[node]);
        if (suffix < 0) {
          throw new RangeError(
            `GramTrie.suffixes: expected the end of each gram to be counted, got one of length ${level} without`,
          );
        }
        suffixes[node] = suffix;
        start = suffix + 1;
      }
    }
    return suffixes;
  }
}

/** Sums of `values`, which belong to the continuations of a level's nodes, per node. */
function sumOfChildren({ children }: GramLevel, values: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(children.length - 1);
  for (let node = 0; node < sums.length; node++) {
    let sum = 0;
    for (let child = children[node]; child < children[node + 1]; child++) sum += values[child];
    sums[node] = sum;
  }
  return sums;
}

/** The index of `value` in the ascending `values[start, end)`, or -1. */
function find(values: Uint32Array, start: number, end: number, value: number): number {
  while (start < end) {
    const middle = (start + end) >>> 1;
    const found = values[middle];
    if (found === value) return middle;
    if (found < value) start = middle + 1;
    else end = middle;
  }
  return -1;
}

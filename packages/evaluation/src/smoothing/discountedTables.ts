/**
 * The two ways to spend what a discount saves. For each context, with `T` the sum of its counts and `left` the share that
 * the discounts took from them:
 *
 *     interpolation:  P(w | context) = (c - D(c)) / T + left * P(w | shorter context)        for every w
 *     back-off:       P(w | context) = (c - D(c)) / T                                          for w that came
 *                                      left / (1 - sum P(came | shorter)) * P(w | shorter)    for all others
 *
 * Both end in the uniform distribution 1/V, and both add up to 1.
 */

import type { GramTrie } from "../ngram/gramTrie.ts";
import type { NGramTables } from "../ngram/nGramModel.ts";

/** What one length contributes. */
export interface DiscountedLevel {
  /** By node: what is used in the place of counts. */
  readonly counts: Uint32Array;
  /** What is taken from a count: from 0 to the count. */
  readonly discount: (count: number) => number;
}

/** @param levels - By length, unigrams first. */
export function interpolatedTables(trie: GramTrie, levels: readonly DiscountedLevel[]): NGramTables {
  return buildTables(trie, levels, ({ probability, below, level, begin, end }) => {
    const { total, taken } = sums(level, begin, end);
    const backOff = total === 0 ? 1 : taken / total;
    for (let gram = begin; gram < end; gram++) {
      const count = level.counts[gram];
      const kept = total === 0 ? 0 : (count - level.discount(count)) / total;
      probability[gram] = kept + backOff * below(gram);
    }
    return backOff;
  });
}

/**
 * Where every token came after a context, nothing is taken from their counts: nobody is left to have it. Where some did
 * not and the discounts take nothing, one count is added to the sum for them, as SRILM does.
 *
 * @param levels - By length, unigrams first.
 */
export function backOffTables(trie: GramTrie, levels: readonly DiscountedLevel[]): NGramTables {
  return buildTables(trie, levels, ({ probability, below, level, begin, end, V }) => {
    const { total, taken, came } = sums(level, begin, end);
    if (total === 0) {
      for (let gram = begin; gram < end; gram++) probability[gram] = below(gram);
      return 1;
    }
    const isFull = came === V;
    const addsOne = !isFull && taken === 0;
    const sum = addsOne ? total + 1 : total;
    const left = isFull ? 0 : (addsOne ? 1 : taken) / sum;
    let covered = 0;
    for (let gram = begin; gram < end; gram++) {
      const count = level.counts[gram];
      if (count === 0) continue;
      probability[gram] = (isFull ? count : count - level.discount(count)) / sum;
      covered += below(gram);
    }
    const backOff = isFull ? 0 : left / (1 - covered);
    for (let gram = begin; gram < end; gram++) {
      if (level.counts[gram] === 0) probability[gram] = backOff * below(gram);
    }
    return backOff;
  });
}

interface ContextGrams {
  /** To be filled from `begin` to `end`. */
  readonly probability: Float64Array;
  /** The probability of a gram's last token under the next shorter context. */
  readonly below: (gram: number) => number;
  readonly level: DiscountedLevel;
  readonly begin: number;
  readonly end: number;
  readonly V: number;
}

/** Fills the tables from unigrams up; `fill` does one context and returns its back-off weight. */
function buildTables(
  trie: GramTrie,
  levels: readonly DiscountedLevel[],
  fill: (grams: ContextGrams) => number,
): NGramTables {
  const V = trie.vocabSize;
  // Below the unigrams, whose suffix is the empty gram, is the uniform distribution.
  const probabilities = [Float64Array.of(1 / V)];
  const backOffs: Float64Array[] = [];
  for (const [i, level] of levels.entries()) {
    const { children } = trie.levels[i];
    const shorter = probabilities[i];
    const suffixes = trie.suffixes(i + 1);
    const below = (gram: number) => shorter[suffixes[gram]];
    const probability = new Float64Array(level.counts.length);
    const backOff = new Float64Array(children.length - 1);
    for (let context = 0; context < backOff.length; context++) {
      const [begin, end] = [children[context], children[context + 1]];
      backOff[context] = fill({ probability, below, level, begin, end, V });
    }
    probabilities.push(probability);
    backOffs.push(backOff);
  }
  return { probabilities, backOffs, lower: "shorter", unseen: 1 };
}

/** Of the grams of one context: the sum of their counts, what is taken from it, and how many came at all. */
function sums({ counts, discount }: DiscountedLevel, begin: number, end: number) {
  let total = 0;
  let taken = 0;
  let came = 0;
  for (let gram = begin; gram < end; gram++) {
    const count = counts[gram];
    total += count;
    taken += discount(count);
    if (count > 0) came++;
  }
  return { total, taken, came };
}

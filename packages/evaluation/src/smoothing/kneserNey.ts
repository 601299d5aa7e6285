/**
 * Kneser-Ney smoothing, interpolated: absolute discounting in which the shorter grams are not counted by how often they
 * came, but by how many different tokens they came after. "Francisco" may be frequent, yet it only ever follows "San": as a
 * guess after an unknown context it is a bad one.
 */

import type { GramTrie } from "../ngram/gramTrie.ts";
import type { NGramCounts } from "../ngram/nGramCounts.ts";
import { NGramModel } from "../ngram/nGramModel.ts";
import { type DiscountOptions, discountSets } from "./absoluteDiscounting.ts";
import { interpolatedTables } from "./discountedTables.ts";
import { chooseDiscounts, type Discounts, discountOf, estimateDiscount, estimateThreeDiscounts } from "./discounts.ts";
import { nGramName } from "./nGramName.ts";

/**
 * `P(w | context) = max(c - D, 0) / T + D * distinct / T * P(w | shorter context)`, as absolute discounting; but below the
 * longest grams `c` is the continuation count: of how many different tokens the gram was the continuation.
 *
 * Grams that begin with the boundary keep their counts, since nothing else can stand before them (so do SRILM and KenLM
 * with `<s>`). Below the unigrams is the uniform distribution 1/V, so that no token of the vocabulary is impossible.
 *
 * @throws RangeError for a discount out of range.
 * @see Kneser and Ney 1995, "Improved backing-off for m-gram language modeling"; Chen and Goodman 1999, section 3
 *
 * @example
 * ```ts
 * // a b a b c: ab twice, ba once, bc once; a follows 1 token, b 1, c 1
 * const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 2, vocabSize: 3 });
 * kneserNey(counts, { discount: 0.5 }).distribution([1]); // => [5 / 12, 1 / 6, 5 / 12]
 * ```
 */
export function kneserNey(counts: NGramCounts, options: DiscountOptions = {}): NGramModel {
  const given = discountSets(counts, options);
  return build("kneserNey", "Kneser-Ney", counts, given, 1, estimateDiscount);
}

/** Options of {@link modifiedKneserNey}. */
export interface ModifiedKneserNeyOptions {
  /**
   * What is taken from counts of 1, of 2, and of 3 or more, in [0, 1], [0, 2] and [0, 3], for each length, unigrams first.
   *
   * @defaultValue Chen and Goodman's estimates from the numbers of grams that came one to four times
   */
  readonly discounts?: readonly (readonly [one: number, two: number, more: number])[] | undefined;
}

/**
 * Kneser-Ney smoothing with three discounts per length: for counts of 1, of 2, and of more. Mostly a little better than
 * one, and the usual choice for words.
 *
 * @throws RangeError for discounts out of range.
 * @see Chen and Goodman 1999, "An empirical study of smoothing techniques for language modeling", section 3
 */
export function modifiedKneserNey(counts: NGramCounts, { discounts }: ModifiedKneserNeyOptions = {}): NGramModel {
  return build("modifiedKneserNey", "modified Kneser-Ney", counts, discounts, 3, estimateThreeDiscounts);
}

function build(
  caller: string,
  name: string,
  counts: NGramCounts,
  given: readonly Discounts[] | undefined,
  size: number,
  estimate: (counts: Uint32Array) => Discounts,
): NGramModel {
  const { trie, order } = counts;
  const adjusted = Array.from({ length: order }, (_, i) => continuationCounts(trie, i + 1, counts.boundary));
  const discounts = chooseDiscounts(caller, counts, given, size, (length) => estimate(adjusted[length - 1]));
  const levels = adjusted.map((counts, i) => ({
    counts,
    discount: (count: number) => discountOf(discounts[i], count),
  }));
  return new NGramModel(`${name} ${nGramName(order)}`, counts, interpolatedTables(trie, levels), discounts);
}

/** After how many different tokens each gram of a length came; the plain counts of the longest, and of what has no before. */
function continuationCounts(trie: GramTrie, length: number, boundary: number | undefined): Uint32Array {
  const { counts } = trie.levels[length];
  if (length === trie.order) return counts;
  const continuations = new Uint32Array(counts.length);
  const longer = trie.levels[length + 1].counts;
  const suffixes = trie.suffixes(length + 1);
  for (let gram = 0; gram < longer.length; gram++) if (longer[gram] > 0) continuations[suffixes[gram]]++;
  if (boundary !== undefined && length > 1) {
    const [begin, end] = beginningWith(trie, boundary, length);
    continuations.set(counts.subarray(begin, end), begin);
  }
  return continuations;
}

/** The nodes of the grams of a length that begin with a token: they lie side by side. */
function beginningWith(trie: GramTrie, token: number, length: number): [begin: number, end: number] {
  let [begin, end] = [token, token + 1];
  for (let k = 1; k < length; k++) {
    const { children } = trie.levels[k];
    [begin, end] = [children[begin], children[end]];
  }
  return [begin, end];
}

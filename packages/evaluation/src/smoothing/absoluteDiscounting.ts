/** Interpolated absolute discounting: the same amount is taken from every count, and shared out by shorter grams. */

import type { NGramCounts } from "../ngram/nGramCounts.ts";
import { NGramModel } from "../ngram/nGramModel.ts";
import { interpolatedTables } from "./discountedTables.ts";
import { chooseDiscounts, discountOf, estimateDiscount } from "./discounts.ts";
import { nGramName } from "./nGramName.ts";

/** Options of {@link absoluteDiscounting} and {@link kneserNey}. */
export interface DiscountOptions {
  /**
   * What is taken from each count, in [0, 1]: one number for all lengths, or one per length, unigrams first.
   *
   * @defaultValue `n1 / (n1 + 2 n2)` for each length, from the numbers of grams that came once and twice
   */
  readonly discount?: number | readonly number[] | undefined;
}

/**
 * `P(w | context) = max(c - D, 0) / T + D * distinct / T * P(w | shorter context)`, with `c` the count of w after the
 * context, `T` the sum of its counts and `distinct` the number of different tokens that came; 1/V below the unigrams.
 *
 * @throws RangeError for a discount out of range.
 * @see Ney, Essen and Kneser 1994, "On structuring probabilistic dependences in stochastic language modelling"
 *
 * @example
 * ```ts
 * const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 1, vocabSize: 4 });
 * absoluteDiscounting(counts, { discount: 0.5 }).distribution([]); // => [0.375, 0.375, 0.175, 0.075]
 * ```
 */
export function absoluteDiscounting(counts: NGramCounts, options: DiscountOptions = {}): NGramModel {
  const { trie, order } = counts;
  const raw = (length: number) => trie.levels[length].counts;
  const discounts = chooseDiscounts("absoluteDiscounting", counts, discountSets(counts, options), 1, (length) =>
    estimateDiscount(raw(length)),
  );
  const levels = discounts.map((amounts, i) => ({
    counts: raw(i + 1),
    discount: (count: number) => discountOf(amounts, count),
  }));
  return new NGramModel(
    `absolute discounting ${nGramName(order)}`,
    counts,
    interpolatedTables(trie, levels),
    discounts,
  );
}

/** One set of a single amount for each length, from what the user gave. */
export function discountSets({ order }: NGramCounts, { discount }: DiscountOptions): number[][] | undefined {
  if (discount === undefined) return undefined;
  return typeof discount === "number" ? Array.from({ length: order }, () => [discount]) : discount.map((one) => [one]);
}

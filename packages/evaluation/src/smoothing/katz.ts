/**
 * Katz's back-off: a gram that came has its discounted relative frequency, and only one that did not is left to shorter
 * grams. Small counts are discounted by Good and Turing's estimate, large ones are trusted.
 */

import type { NGramCounts } from "../ngram/nGramCounts.ts";
import { NGramModel } from "../ngram/nGramModel.ts";
import { backOffTables } from "./discountedTables.ts";
import { countsOfCounts, type Discounts, discountOf, estimateDiscount } from "./discounts.ts";
import { nGramName } from "./nGramName.ts";

/** Options of {@link katz}. */
export interface KatzOptions {
  /** Counts above it are not discounted; an integer from 1 to 100. @defaultValue 5 */
  readonly largestDiscounted?: number | undefined;
}

/**
 * `P(w | context) = d(c) c / T` for a token that came after the context, and otherwise
 * `backOff(context) * P(w | shorter context)`, with the weight that makes all add up to 1.
 *
 * `d` is Good and Turing's, for counts up to 5: `(r* / r - q) / (1 - q)` with `r* = (r + 1) n(r+1) / n(r)` and
 * `q = 6 n6 / n1`. Where the numbers of grams that came once, twice and so on do not give it (among the single tokens of a
 * long text there are none that came once), the length is discounted by a constant, `n1 / (n1 + 2 n2)` or 0.5.
 *
 * @throws RangeError for an option out of range.
 * @see Katz 1987, "Estimation of probabilities from sparse data for the language model component of a speech recognizer"
 */
export function katz(counts: NGramCounts, { largestDiscounted = 5 }: KatzOptions = {}): NGramModel {
  if (!Number.isInteger(largestDiscounted) || largestDiscounted < 1 || largestDiscounted > 100) {
    throw new RangeError(
      `katz: expected largestDiscounted to be an integer from 1 to 100, got ${String(largestDiscounted)}`,
    );
  }
  const { trie, order } = counts;
  const raw = trie.levels.slice(1).map((level) => level.counts);
  const discounts = raw.map((counts) => goodTuringDiscounts(counts, largestDiscounted) ?? estimateDiscount(counts));
  const levels = raw.map((counts, i) => ({ counts, discount: (count: number) => discountOf(discounts[i], count) }));
  return new NGramModel(`Katz ${nGramName(order)}`, counts, backOffTables(trie, levels), discounts);
}

/** What is taken from counts of 1 to `largest`, and 0 for all above; undefined where the counts do not give it. */
function goodTuringDiscounts(counts: Uint32Array, largest: number): Discounts | undefined {
  const n = countsOfCounts(counts, largest + 1);
  const q = ((largest + 1) * n[largest + 1]) / n[1];
  const amounts = Array.from({ length: largest }, (_, i) => {
    const r = i + 1;
    const kept = ((r + 1) * n[r + 1]) / n[r] / r;
    return r * (1 - (kept - q) / (1 - q));
  });
  return amounts.every((amount, i) => amount > 0 && amount < i + 1) ? [...amounts, 0] : undefined;
}

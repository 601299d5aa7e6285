/**
 * Discounts: what is taken from each count and given to grams that did not come. Estimated from how many grams came once,
 * twice and so on, so that nothing has to be held out.
 */

import type { NGramCounts } from "../ngram/nGramCounts.ts";

/** The amounts taken from the counts 1, 2, 3, ...; the last one is taken from all larger counts as well. */
export type Discounts = readonly number[];

/** The amount taken from `count`: never more than it. */
export function discountOf(discounts: Discounts, count: number): number {
  if (count === 0) return 0;
  return Math.min(count, discounts[Math.min(count, discounts.length) - 1]);
}

/** `result[r]`: how many of the counts are r, for r from 0 to `largest`. */
export function countsOfCounts(counts: Uint32Array, largest: number): number[] {
  const numbers: number[] = new Array(largest + 1).fill(0);
  for (const count of counts) if (count <= largest) numbers[count]++;
  return numbers;
}

/**
 * Ney's estimate of a single discount, `n1 / (n1 + 2 n2)`; 0.5 where no gram came once or none twice, as among the single
 * tokens of a long text.
 */
export function estimateDiscount(counts: Uint32Array): Discounts {
  const [, n1, n2] = countsOfCounts(counts, 2);
  return [n1 > 0 && n2 > 0 ? n1 / (n1 + 2 * n2) : 0.5];
}

/**
 * Chen and Goodman's estimates of three discounts, for the counts 1, 2, and 3 or more: `r - (r + 1) Y n(r+1) / n(r)` with
 * `Y = n1 / (n1 + 2 n2)`; 0.5, 1 and 1.5 (KenLM's fallback) where they cannot be had from the text or leave the range from
 * 0 to r.
 */
export function estimateThreeDiscounts(counts: Uint32Array): Discounts {
  const n = countsOfCounts(counts, 4);
  const Y = n[1] / (n[1] + 2 * n[2]);
  const estimates = [1, 2, 3].map((r) => r - ((r + 1) * Y * n[r + 1]) / n[r]);
  return estimates.every((discount, i) => discount > 0 && discount <= i + 1) ? estimates : [0.5, 1, 1.5];
}

/**
 * The discounts given by the user, checked, or estimated, by length of the grams.
 *
 * @param given - One set for all lengths, or one per length, unigrams first; undefined estimates all.
 * @param size - How many amounts a set has.
 * @throws RangeError for another number of sets or amounts, or an amount that is not from 0 to its count.
 */
export function chooseDiscounts(
  caller: string,
  counts: NGramCounts,
  given: readonly Discounts[] | undefined,
  size: number,
  estimate: (length: number) => Discounts,
): readonly Discounts[] {
  const lengths = Array.from({ length: counts.order }, (_, i) => i + 1);
  if (given === undefined) return lengths.map(estimate);
  if (given.length !== counts.order) {
    throw new RangeError(
      `${caller}: expected discounts for the lengths from 1 to ${counts.order}, got ${given.length} of them`,
    );
  }
  for (const discounts of given) {
    if (discounts.length !== size || !discounts.every((amount, i) => amount >= 0 && amount <= i + 1)) {
      const ranges = Array.from({ length: size }, (_, i) => `[0, ${i + 1}]`).join(", ");
      throw new RangeError(`${caller}: expected discounts in ${ranges}, got ${discounts.join(", ")}`);
    }
  }
  return given;
}

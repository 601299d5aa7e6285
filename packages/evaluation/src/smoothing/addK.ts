/**
 * Add-k (Lidstone) smoothing: `k` is added to every count. k = 1 is Laplace's rule, k = 0 no smoothing at all (the maximum
 * likelihood estimate). The lecture's `P = (N + k) / (N + k).sum(1)`.
 */

import type { NGramCounts } from "../ngram/nGramCounts.ts";
import { NGramModel } from "../ngram/nGramModel.ts";
import { nGramName } from "./nGramName.ts";

/**
 * `P(w | context) = (count(context w) + k) / (count(context ·) + k V)`.
 *
 * Only the longest context counts; shorter ones are used at the beginning of a text alone. A context that was never seen
 * gives 1/V, and with k = 0 nothing: every token has probability 0 there.
 *
 * @param k - Finite, >= 0.
 * @throws RangeError for any other k.
 * @see Jurafsky and Martin, "Speech and Language Processing", chapter 3, section "Smoothing"
 *
 * @example
 * ```ts
 * const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 2, vocabSize: 3 });
 * addK(counts, 0).distribution([1]); // => [1 / 2, 0, 1 / 2]
 * addK(counts, 1).distribution([1]); // => [2 / 5, 1 / 5, 2 / 5]
 * ```
 */
export function addK(counts: NGramCounts, k: number): NGramModel {
  if (!(k >= 0 && k < Infinity)) {
    throw new RangeError(`addK: expected k to be a finite number >= 0, got ${String(k)}`);
  }
  const { trie, order, vocabSize: V } = counts;
  const probabilities = [new Float64Array(1)];
  const backOffs: Float64Array[] = [];
  for (let length = 1; length <= order; length++) {
    const { children } = trie.levels[length - 1];
    const grams = trie.levels[length].counts;
    const totals = trie.totals(length - 1);
    const probability = new Float64Array(grams.length);
    const backOff = new Float64Array(totals.length);
    for (let context = 0; context < totals.length; context++) {
      const sum = totals[context] + k * V;
      if (sum === 0) continue; // a context at the very end of the text, without smoothing
      for (let gram = children[context]; gram < children[context + 1]; gram++) {
        probability[gram] = (grams[gram] + k) / sum;
      }
      backOff[context] = (k * V) / sum; // times 1/V
    }
    probabilities.push(probability);
    backOffs.push(backOff);
  }
  const name = k === 0 ? `unsmoothed ${nGramName(order)}` : `add-${k} ${nGramName(order)}`;
  return new NGramModel(name, counts, { probabilities, backOffs, lower: "uniform", unseen: k === 0 ? 0 : 1 });
}

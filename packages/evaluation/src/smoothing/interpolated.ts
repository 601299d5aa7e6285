/**
 * Interpolation with fixed weights (Jelinek and Mercer): a mixture of the relative frequencies of all lengths, from the
 * uniform distribution up.
 */

import { ContextCursor } from "../ngram/contextCursor.ts";
import type { NGramCounts } from "../ngram/nGramCounts.ts";
import { NGramModel } from "../ngram/nGramModel.ts";
import { forEachChunk, type TokenStream } from "../ngram/tokenIds.ts";
import { addK } from "./addK.ts";
import { interpolatedTables } from "./discountedTables.ts";
import { nGramName } from "./nGramName.ts";

/**
 * `P(w | context) = weights[0] / V + weights[1] P1(w) + weights[2] P2(w | last token) + ...`, with `Pk` the relative
 * frequencies among grams of length k.
 *
 * Where a context was never seen, its length and all above drop out and the other weights are scaled to a sum of 1.
 *
 * @param weights - `order + 1` numbers >= 0 with sum 1: of the uniform distribution, of unigrams, and so on. With the first
 * above 0, nothing is impossible. {@link fitWeights} finds good ones.
 * @throws RangeError for other weights.
 * @see Jelinek and Mercer 1980, "Interpolated estimation of Markov source parameters from sparse data"
 *
 * @example
 * ```ts
 * const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 2, vocabSize: 3 });
 * interpolated(counts, [0.1, 0.3, 0.6]).probability([1], 0); // => 0.1 / 3 + 0.3 * (2 / 5) + 0.6 * (1 / 2)
 * ```
 */
export function interpolated(counts: NGramCounts, weights: readonly number[]): NGramModel {
  const { order, trie } = counts;
  const sum = weights.reduce((sum, weight) => sum + weight, 0);
  if (weights.length !== order + 1 || !weights.every((weight) => weight >= 0) || !(Math.abs(sum - 1) < 1e-9)) {
    throw new RangeError(
      `interpolated: expected ${order + 1} weights >= 0 with sum 1 (uniform, unigram, ...), got [${weights.join(", ")}]`,
    );
  }
  // As a chain: length k keeps its share of what the weights up to k have, and hands the rest down.
  let upTo = weights[0];
  const levels = weights.slice(1).map((weight, i) => {
    const below = upTo;
    upTo += weight;
    // Not 1 - weight / upTo, in which little that is below would be lost.
    const handedDown = upTo === 0 ? 1 : below / upTo;
    return { counts: trie.levels[i + 1].counts, discount: (count: number) => handedDown * count };
  });
  return new NGramModel(`interpolated ${nGramName(order)}`, counts, interpolatedTables(trie, levels));
}

/** What a length keeps at most: a held-out text that never asks for less would leave the uniform distribution nothing. */
const MOST_KEPT = 1 - 1e-9;

/** How {@link fitWeights} goes about it. */
export interface FitWeightsOptions {
  /** Ends when a round lowers the loss by less, in nats per token. @defaultValue 1e-7 */
  readonly tolerance?: number | undefined;
  /** Or after so many rounds. @defaultValue 200 */
  readonly maxRounds?: number | undefined;
}

/**
 * The weights under which {@link interpolated} predicts a held-out text best, by expectation maximization: each token is
 * shared out among the lengths by how much each contributed to its probability, and a length's weight becomes the share
 * that it got where it could have had it.
 *
 * @param heldOut - Not the text that was counted: on that one the longest grams would get everything. About
 * `8 (order + 1)` bytes of memory per token.
 * @returns `order + 1` numbers above 0 with sum 1: of the uniform distribution, of unigrams, and so on. Each length hands down a
 * billionth at least, so that nothing is impossible.
 * @throws RangeError for an empty text, ids or options out of range.
 * @see Dempster, Laird and Rubin 1977, "Maximum likelihood from incomplete data via the EM algorithm"
 */
export function fitWeights(
  counts: NGramCounts,
  heldOut: TokenStream,
  { tolerance = 1e-7, maxRounds = 200 }: FitWeightsOptions = {},
): number[] {
  if (!(tolerance >= 0)) throw new RangeError(`fitWeights: expected tolerance >= 0, got ${String(tolerance)}`);
  if (!Number.isSafeInteger(maxRounds) || maxRounds < 1) {
    throw new RangeError(`fitWeights: expected maxRounds to be an integer >= 1, got ${String(maxRounds)}`);
  }
  const { order } = counts;
  const { rows, size } = frequencies(counts, heldOut);
  const keeps = new Array<number>(order + 1).fill(0.5); // [k]: what length k keeps of what reaches it
  keeps[0] = 1;
  const shares = new Float64Array(order + 1);
  let last = Infinity;
  for (let round = 0; round < maxRounds; round++) {
    const kept = new Float64Array(order + 1);
    const reached = new Float64Array(order + 1);
    let nll = 0;
    for (let row = 0; row < size; row++) {
      const at = row * (order + 1);
      let weight = 1;
      let probability = 0;
      for (let k = order; k >= 0; k--) {
        const frequency = rows[at + k];
        shares[k] = frequency < 0 ? 0 : weight * keeps[k] * frequency;
        if (frequency >= 0) weight *= 1 - keeps[k];
        probability += shares[k];
      }
      nll -= Math.log(probability);
      let below = 0;
      for (let k = 0; k <= order; k++) {
        if (rows[at + k] < 0) continue;
        const share = shares[k] / probability;
        below += share;
        kept[k] += share;
        reached[k] += below;
      }
    }
    for (let k = 1; k <= order; k++) if (reached[k] > 0) keeps[k] = Math.min(MOST_KEPT, kept[k] / reached[k]);
    if (last - nll / size < tolerance) break;
    last = nll / size;
  }
  return mixture(keeps);
}

/** Of each token, the relative frequency among grams of length 0 (uniform) to order; -1 where its context never came. */
function frequencies(counts: NGramCounts, heldOut: TokenStream): { rows: Float64Array; size: number } {
  const { order, trie, vocabSize: V } = counts;
  const { probabilities } = addK(counts, 0).tables;
  const cursor = new ContextCursor(counts);
  let rows = new Float64Array(4096 * (order + 1));
  let size = 0;
  forEachChunk("fitWeights", heldOut, (ids) => {
    if ((size + ids.length) * (order + 1) > rows.length) {
      const larger = new Float64Array(2 * (size + ids.length) * (order + 1));
      larger.set(rows);
      rows = larger;
    }
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (!(id >>> 0 === id && id < V)) {
        throw new RangeError(`fitWeights: expected ids from 0 to ${V - 1}, got ${String(id)} at position ${size}`);
      }
      const at = size++ * (order + 1);
      rows[at] = 1 / V;
      for (let k = 1; k <= order; k++) {
        const context = k - 1 <= cursor.length ? cursor.nodes[k - 1] : -1;
        if (context < 0 || trie.totals(k - 1)[context] === 0) rows[at + k] = -1;
        else {
          const gram = trie.child(k - 1, context, id);
          rows[at + k] = gram < 0 ? 0 : probabilities[k][gram];
        }
      }
      cursor.step(id);
    }
  });
  if (size === 0) throw new RangeError("fitWeights: expected at least one held-out token, got none");
  return { rows, size };
}

/** The weights of a mixture in which length k keeps `keeps[k]` of what the longer ones hand down. */
function mixture(keeps: readonly number[]): number[] {
  const weights = new Array<number>(keeps.length);
  let left = 1;
  for (let k = keeps.length - 1; k >= 0; k--) {
    weights[k] = left * keeps[k];
    left *= 1 - keeps[k];
  }
  return weights;
}

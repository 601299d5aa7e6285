/**
 * Probabilities over all segmentations of a text, without listing them: a segmentation has the probability
 * `exp(alpha * score) / Z`, where `alpha` is an inverse temperature and `Z` the sum over all of them.
 *
 * Sums are float32, as in the original.
 */

import type { Lattice } from "./lattice.ts";

const { exp, fround, log } = Math;
/** Above this difference of logarithms the smaller term of a sum is left out. */
const NEGLIGIBLE = 50;

/**
 * The forward sums: by place, the logarithm of the sum over all ways to it, `log Σ exp(alpha * score)`; at the end, log Z.
 *
 * @throws RangeError if a sum is not finite.
 */
export function forwardSums({ size, left, leftFrom, starts, scores }: Lattice, alpha: number): Float32Array {
  const sums = new Float32Array(size + 1);
  for (let place = 1; place <= size; place++) {
    const from = leftFrom[place];
    let sum = 0;
    for (let i = from; i < leftFrom[place + 1]; i++) {
      const term = fround(fround(alpha * scores[left[i]]) + sums[starts[left[i]]]);
      sum = i === from ? term : logSumExp(sum, term);
    }
    sums[place] = sum;
  }
  if (!Number.isFinite(sums[size])) {
    throw new RangeError(`Lattice: expected alpha and scores whose products have a finite sum, got alpha ${alpha}`);
  }
  return sums;
}

/**
 * Entropy of the segmentations in nats: `-Σ p log p`.
 *
 * @param sums - The forward sums for the same `alpha`.
 */
export function entropyOf(
  { size, left, leftFrom, starts, scores }: Lattice,
  sums: Float32Array,
  alpha: number,
): number {
  const entropies = new Float32Array(size + 1);
  for (let place = 1; place <= size; place++) {
    let entropy = 0;
    for (let i = leftFrom[place]; i < leftFrom[place + 1]; i++) {
      const start = starts[left[i]];
      const transition = fround(fround(fround(alpha * scores[left[i]]) + sums[start]) - sums[place]);
      entropy = fround(entropy + fround(fround(exp(transition)) * fround(entropies[start] + transition)));
    }
    entropies[place] = entropy;
  }
  return size === 0 ? 0 : -entropies[size];
}

/**
 * Draws a segmentation (forward filtering, backward sampling).
 *
 * @param sums - The forward sums for the same `alpha`.
 * @returns Its nodes.
 */
export function samplePath(
  { size, left, leftFrom, starts, scores }: Lattice,
  sums: Float32Array,
  alpha: number,
  rng: () => number,
): number[] {
  const path: number[] = [];
  const weights: number[] = [];
  for (let place = size; place > 0; place = starts[path.at(-1)!]) {
    const from = leftFrom[place];
    weights.length = 0;
    for (let i = from; i < leftFrom[place + 1]; i++) {
      weights.push(exp(sums[starts[left[i]]] + alpha * scores[left[i]] - sums[place]));
    }
    path.push(left[from + drawIndex(weights, rng)]);
  }
  return path.reverse();
}

/** The logarithm of a segmentation's probability. */
export function logProbability(
  { size, scores }: Lattice,
  path: readonly number[],
  sums: Float32Array,
  alpha: number,
): number {
  let sum = 0;
  for (const node of path) sum = fround(sum + fround(alpha * scores[node]));
  return fround(sum - sums[size]);
}

/** Draws an index with a probability in proportion to its weight. */
export function drawIndex(weights: readonly number[], rng: () => number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rest = rng() * total;
  let last = 0;
  for (let index = 0; index < weights.length; index++) {
    if (weights[index] > 0) last = index;
    rest -= weights[index];
    if (rest < 0) return index;
  }
  return last;
}

/** log(exp(x) + exp(y)) */
function logSumExp(x: number, y: number): number {
  const low = Math.min(x, y);
  const high = Math.max(x, y);
  return high > fround(low + NEGLIGIBLE) ? high : fround(high + log(exp(fround(low - high)) + 1));
}

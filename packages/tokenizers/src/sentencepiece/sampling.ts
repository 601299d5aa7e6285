/**
 * Random segmentations, for training that sees the same text cut in different ways (subword regularization, and
 * BPE-dropout for BPE models).
 *
 * @see T. Kudo, "Subword Regularization" (2018), https://arxiv.org/abs/1804.10959
 * @see I. Provilkov et al., "BPE-Dropout" (2020), https://arxiv.org/abs/1910.13267
 */

import { describe } from "../describe.ts";
import type { Lattice } from "./lattice.ts";
import { drawIndex, forwardSums, logProbability, samplePath } from "./latticeSums.ts";
import { bestPaths, type LatticePath, sampledPaths } from "./nbest.ts";

/** The most of the best segmentations that one is drawn from. */
const MAX_NBEST = 512;

/** How {@link SentencePieceProcessor.sampleEncode} draws a segmentation. */
export interface SamplingOptions {
  /** Uniform numbers from 0 to below 1, such as `Math.random`, or those of a seeded generator. */
  readonly rng: () => number;
  /**
   * Unigram models: draw from so many best segmentations, 2 to 512; or, if it is negative, from all there are. 0 and 1
   * draw nothing: the best one. BPE models ignore it.
   *
   * @defaultValue -1
   */
  readonly nbestSize?: number;
  /**
   * Unigram models: the inverse temperature; a segmentation has a probability in proportion to `exp(alpha * score)`, so
   * that 0 draws all alike. BPE models: the probability, 0 to 1, of leaving out a merge.
   *
   * @defaultValue 0.1
   */
  readonly alpha?: number;
}

/** How {@link SentencePieceProcessor.sampleEncodeAndScore} draws segmentations. */
export interface ScoredSamplingOptions {
  /** Uniform numbers from 0 to below 1. */
  readonly rng: () => number;
  /** How many to draw; 1 or more. */
  readonly numSamples: number;
  /** Inverse temperature. @defaultValue 0.1 */
  readonly alpha?: number;
  /** Draws different ones. @defaultValue false */
  readonly withoutReplacement?: boolean;
  /** The best segmentation comes first, and the others are drawn without it; only without replacement. @defaultValue false */
  readonly includeBest?: boolean;
}

/** @throws TypeError or RangeError if an option makes no sense. */
export function checkSampling(caller: string, { rng, nbestSize = -1, alpha = 0.1 }: SamplingOptions): void {
  checkRng(caller, rng);
  checkAlpha(caller, alpha);
  if (!Number.isInteger(nbestSize) || nbestSize > MAX_NBEST) {
    throw new RangeError(
      `${caller}: expected an integer nbestSize of at most ${MAX_NBEST}, got ${describe(nbestSize)}`,
    );
  }
}

/** @throws TypeError or RangeError if an option makes no sense. */
export function checkScoredSampling(caller: string, options: ScoredSamplingOptions): void {
  const { rng, numSamples, alpha = 0.1, withoutReplacement = false, includeBest = false } = options;
  checkRng(caller, rng);
  checkAlpha(caller, alpha);
  if (!Number.isInteger(numSamples) || numSamples < 1) {
    throw new RangeError(`${caller}: expected numSamples to be 1 or more, got ${describe(numSamples)}`);
  }
  if (includeBest && !withoutReplacement) {
    throw new RangeError(`${caller}: expected withoutReplacement with includeBest, got includeBest alone`);
  }
}

/** @throws RangeError if `alpha` is not a finite number. */
export function checkAlpha(caller: string, alpha: number): void {
  if (!Number.isFinite(alpha)) throw new RangeError(`${caller}: expected a finite alpha, got ${describe(alpha)}`);
}

/**
 * Draws a segmentation of all, or of the best ones.
 *
 * @returns Its nodes.
 */
export function drawPath(lattice: Lattice, { rng, nbestSize = -1, alpha = 0.1 }: SamplingOptions): readonly number[] {
  if (nbestSize < 0) return samplePath(lattice, forwardSums(lattice, alpha), alpha, rng);
  const paths = bestPaths(lattice, lattice.bestScores(), nbestSize);
  const logWeights = paths.map(({ score }) => alpha * score);
  const highest = logWeights.reduce((a, b) => Math.max(a, b));
  return paths[
    drawIndex(
      logWeights.map((weight) => Math.exp(weight - highest)),
      rng,
    )
  ].nodes;
}

/**
 * Draws segmentations and scores them: with replacement, by the logarithm of the probability; without, by the logarithm
 * of the probability of being in such a sample, which is estimated from the (numSamples + 1)-th drawn.
 */
export function drawScoredPaths(lattice: Lattice, options: ScoredSamplingOptions): LatticePath[] {
  const { rng, numSamples, alpha = 0.1, withoutReplacement = false, includeBest = false } = options;
  const sums = forwardSums(lattice, alpha);
  if (!withoutReplacement) {
    return Array.from({ length: numSamples }, () => {
      const nodes = samplePath(lattice, sums, alpha, rng);
      return { nodes, score: logProbability(lattice, nodes, sums, alpha) };
    });
  }
  let drawn = sampledPaths(lattice, sums, numSamples + 1, alpha, rng);
  const best = includeBest ? lattice.bestPath(lattice.bestScores()) : undefined;
  const isComplete = drawn.length <= numSamples;
  if (best !== undefined) {
    const others = drawn.filter(({ nodes }) => !isSame(nodes, best));
    drawn = isComplete || others.length < drawn.length ? others : drawn.slice(0, -1);
  }
  // Without one too many, these are all there are, and each is certain to be among them.
  const kappa = isComplete ? Number.NEGATIVE_INFINITY : drawn.pop()!.score;
  const scored = drawn.map(({ nodes }) => ({
    nodes,
    score: logInclusion(logProbability(lattice, nodes, sums, alpha) - kappa),
  }));
  return best === undefined ? scored : [{ nodes: best, score: 0 }, ...scored];
}

/** log(1 - exp(-exp(x))): the logarithm of the chance that a Gumbel variable at 0 exceeds -x. */
function logInclusion(x: number): number {
  const y = Math.exp(x);
  return x <= -10 ? x - y / 2 + y ** 2 / 24 - y ** 4 / 2880 : Math.log(-Math.expm1(-y));
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((node, i) => node === b[i]);
}

function checkRng(caller: string, rng: () => number): void {
  if (typeof rng !== "function") {
    throw new TypeError(
      `${caller}: expected rng to be a function that gives numbers from 0 to below 1, got ${describe(rng)}`,
    );
  }
}

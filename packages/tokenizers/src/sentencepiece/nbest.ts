/**
 * The n best segmentations of a text, and n different ones drawn at random: both by one search from the end of the
 * lattice to its beginning, which always goes on with the most promising partial segmentation.
 *
 * For the best (A*), the promise is exact: the score of what is settled plus the best score of a way to it. For the
 * random ones it is a score perturbed by Gumbel noise, drawn so that the promise of a partial segmentation is the
 * largest of all that come of it; the n highest are then a sample without replacement.
 *
 * @see M. Nagata, "A Stochastic Japanese Morphological Analyzer Using a Forward-DP Backward-A* N-Best Search Algorithm" (1994)
 * @see W. Kool et al., "Stochastic Beams and Where to Find Them" (2019), appendix B.3, https://arxiv.org/abs/1903.06059
 */

import { Agenda } from "./agenda.ts";
import type { Lattice } from "./lattice.ts";

/** A segmentation as the nodes of a lattice. */
export interface LatticePath {
  readonly nodes: readonly number[];
  /** The sum of its scores; for a random one its perturbed log-probability. */
  readonly score: number;
}

/** What the search needs of a {@link Lattice}. */
type Ways = Pick<Lattice, "size" | "starts" | "scores" | "left" | "leftFrom" | "last" | "scoreThrough">;

const { exp, fround, log, log1p } = Math;

/** Adds all that can come before a partial segmentation to the agenda. */
type Expand = (agenda: Agenda, item: number, place: number) => void;

/**
 * The `count` best segmentations, the best first; fewer if there are not as many.
 *
 * @param best - `lattice.bestScores()`.
 */
export function bestPaths(lattice: Ways, best: Float32Array, count: number): LatticePath[] {
  const { left, leftFrom, scores } = lattice;
  return search(lattice, count, best[lattice.size], (agenda, item, place) => {
    const settled = agenda.items.settled[item];
    for (let i = leftFrom[place]; i < leftFrom[place + 1]; i++) {
      const node = left[i];
      const promise = fround(lattice.scoreThrough(best, node) + settled);
      agenda.push(node, item, promise, fround(scores[node] + settled));
    }
  });
}

/**
 * Draws `count` different segmentations, the highest perturbed score first; fewer if there are not as many.
 *
 * @param sums - The forward sums for the same `alpha`.
 */
export function sampledPaths(
  lattice: Lattice,
  sums: Float32Array,
  count: number,
  alpha: number,
  rng: () => number,
): LatticePath[] {
  const { left, leftFrom, starts, scores } = lattice;
  const logProbabilities: number[] = [];
  const perturbed: number[] = [];
  return search(lattice, count, gumbel(rng), (agenda, item, place) => {
    const settled = agenda.items.settled[item];
    const limit = agenda.items.promises[item];
    const from = leftFrom[place];
    const to = leftFrom[place + 1];
    let highest = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) {
      const node = left[i];
      logProbabilities[i - from] = settled + sums[starts[node]] + alpha * scores[node] - sums[place];
      perturbed[i - from] = logProbabilities[i - from] + gumbel(rng);
      highest = Math.max(highest, perturbed[i - from]);
    }
    for (let i = from; i < to; i++) {
      const v = limit - perturbed[i - from] + log1p(-exp(perturbed[i - from] - highest));
      const promise = limit - Math.max(0, v) - log1p(exp(-Math.abs(v)));
      agenda.push(left[i], item, promise, logProbabilities[i - from]);
    }
  });
}

function search(lattice: Ways, count: number, promise: number, expand: Expand): LatticePath[] {
  const agenda = new Agenda(count);
  const paths: LatticePath[] = [];
  agenda.push(lattice.last, -1, promise, 0);
  while (!agenda.isEmpty) {
    const item = agenda.pop();
    const node = agenda.items.nodes[item];
    if (node === 0) {
      paths.push({ nodes: nodesBehind(agenda, item), score: agenda.items.promises[item] });
      if (paths.length === count) break;
      continue;
    }
    expand(agenda, item, lattice.starts[node]);
    agenda.shrink();
  }
  return paths;
}

/** The nodes after the first one, without the last one. */
function nodesBehind({ items: { nodes, next } }: Agenda, first: number): number[] {
  const path: number[] = [];
  for (let item = next[first]; next[item] >= 0; item = next[item]) path.push(nodes[item]);
  return path;
}

/** A number from the standard Gumbel distribution. */
function gumbel(rng: () => number): number {
  return -log(-log(rng() || Number.MIN_VALUE));
}

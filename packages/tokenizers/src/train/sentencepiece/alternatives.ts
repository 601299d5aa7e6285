/**
 * What becomes of a piece without itself: the second best way to cut it, and whether it is itself the best.
 *
 * The original enumerates ways by an A* search, whose sums are rounded in another order than those of the best way, and
 * whose heap decides ties. Here that search is made only where two ways are so near that it could matter.
 */

import { bestPaths } from "../../sentencepiece/nbest.ts";
import type { TrainingLattice } from "./trainingLattice.ts";

const { fround } = Math;
/** In units of the last place of float32, for each summand. */
const NEAR = 4;

/**
 * Cuts a piece whose lattice holds it as one node and does not have that node for its only way.
 *
 * @returns The ids of the second best way; `"split"` if the piece itself is not the best; `"only"` if there is no other way.
 */
export function alternativeOf(lattice: TrainingLattice): number[] | "split" | "only" {
  const { size, from, ends, starts, scores, ids } = lattice;
  if (size === 1) return lattice.count === 1 ? "only" : exactAlternative(lattice);
  let whole = 0;
  while (ends[whole] < size) whole++;
  const best = lattice.bestWithout(whole);
  const other = best[size];
  if (other === Number.NEGATIVE_INFINITY) return "only";
  const margin = (NEAR * (size + 1) * (Math.abs(other) + Math.abs(scores[whole]) + 1)) / 2 ** 23;
  if (Math.abs(scores[whole] - other) <= margin) return exactAlternative(lattice);
  if (scores[whole] < other) return "split";
  const path: number[] = [];
  for (let place = size; place > 0;) {
    let found = -1;
    let highest = Number.NEGATIVE_INFINITY;
    let second = Number.NEGATIVE_INFINITY;
    for (let start = 0; start < place; start++) {
      for (let node = from[start]; node < from[start + 1]; node++) {
        if (ends[node] !== place || node === whole) continue;
        const score = fround(best[start] + scores[node]);
        if (score > highest) {
          second = highest;
          highest = score;
          found = node;
        } else if (score > second) second = score;
      }
    }
    if (highest - second <= margin) return exactAlternative(lattice);
    path.push(ids[found]);
    place = starts[found];
  }
  return path.reverse();
}

/** By the original's search. */
function exactAlternative(lattice: TrainingLattice): number[] | "split" | "only" {
  const { size, count } = lattice;
  const starts = [0, ...lattice.starts.subarray(0, count), size];
  const ends = [0, ...lattice.ends.subarray(0, count), size + 1];
  const ids = [-1, ...lattice.ids.subarray(0, count), -1];
  const scores = [0, ...lattice.scores.subarray(0, count), 0];
  const leftFrom = new Int32Array(size + 3);
  for (const end of ends) leftFrom[end + 1]++;
  for (let place = 0; place <= size + 1; place++) leftFrom[place + 1] += leftFrom[place];
  const left = new Int32Array(ends.length);
  const filled = leftFrom.slice();
  ends.forEach((end, node) => (left[filled[end]++] = node));
  const best = lattice.bestWithout(-1);
  const scoreThrough = (sums: Float32Array, node: number) => fround(sums[starts[node]] + scores[node]);
  const paths = bestPaths({ size, starts, scores, left, leftFrom, last: count + 1, scoreThrough }, best, 2);
  if (paths.length === 1) return "only";
  if (paths[0].nodes.length > 1) return "split";
  return paths[1].nodes.map((node) => ids[node]);
}

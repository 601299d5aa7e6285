/**
 * Quantiles without sorting everything: values are dealt into buckets by size, and only the buckets in which a quantile lies are sorted.
 */

import type { Quantiles } from "./record.ts";

const levels = { p01: 0.01, p05: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95, p99: 0.99 } as const;

/** One for some eight values of a full sample. */
const buckets = 1024;

/**
 * The quantiles of `values`, interpolated linearly as numpy's default.
 *
 * @param values - At least one, within the finite range `[min, max]`.
 * @throws RangeError if there is none, or one outside of the range.
 */
export function quantiles(values: Float32Array, { min, max }: { min: number; max: number }): Quantiles {
  if (values.length === 0) throw new RangeError("quantiles: expected at least one value, got none");
  if (!(Number.isFinite(max - min) && min <= max)) {
    throw new RangeError(`quantiles: expected a finite range that holds all values, got ${min} to ${max}`);
  }
  const { dealt, starts } = deal(values, min, max);
  const isSorted = new Uint8Array(buckets);
  /** The value that would stand at `rank` if all were sorted. */
  const valueAt = (rank: number): number => {
    let bucket = 0;
    let end = buckets;
    while (end - bucket > 1) {
      const middle = (bucket + end) >> 1;
      if (starts[middle] <= rank) bucket = middle;
      else end = middle;
    }
    if (isSorted[bucket] === 0) dealt.subarray(starts[bucket], starts[bucket + 1]).sort();
    isSorted[bucket] = 1;
    return dealt[rank];
  };
  const quantile = (level: number): number => {
    const place = level * (values.length - 1);
    const rank = Math.floor(place);
    const share = place - rank;
    const below = valueAt(rank);
    if (share === 0) return below;
    const step = valueAt(rank + 1) - below;
    // From the nearer end, as numpy.
    return share < 0.5 ? below + step * share : below + step - step * (1 - share);
  };
  return Object.fromEntries(
    Object.entries(levels).map(([name, level]) => [name, quantile(level)]),
  ) as unknown as Quantiles;
}

/** The values ordered by bucket, and where each bucket starts. */
function deal(values: Float32Array, min: number, max: number): { dealt: Float32Array; starts: Uint32Array } {
  const scale = max > min ? (buckets - 1) / (max - min) : 0;
  const bucketOf = new Uint16Array(values.length);
  const starts = new Uint32Array(buckets + 1);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value >= min && value <= max)) {
      throw new RangeError(
        `quantiles: expected a finite range that holds all values, got ${min} to ${max} and a value of ${value}`,
      );
    }
    const bucket = ((value - min) * scale) | 0;
    bucketOf[i] = bucket;
    starts[bucket + 1]++;
  }
  for (let bucket = 0; bucket < buckets; bucket++) starts[bucket + 1] += starts[bucket];
  const next = starts.slice();
  const dealt = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) dealt[next[bucketOf[i]]++] = values[i];
  return { dealt, starts };
}

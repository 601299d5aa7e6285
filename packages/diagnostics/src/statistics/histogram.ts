/**
 * Counting values into equal bins.
 */

import type { Histogram } from "./record.ts";

const MAX_BINS = 65_536;

/**
 * Counts of `values` in `bins` equal bins from `min` to `max`: `numpy.histogram(values, bins, (min, max))` on doubles, to the last
 * count. An empty range is widened by a half on each side. Values outside of the range, and NaN, are not counted.
 *
 * @throws RangeError if `bins` is not a whole number from 1 to 65,536, or the range is not finite.
 *
 * @example
 * ```ts
 * histogram([0, 1, 1, 4], { bins: 2, min: 0, max: 4 }); // => { counts: [3, 1], edges: [0, 2, 4] }
 * ```
 */
export function histogram(
  values: ArrayLike<number>,
  options: { readonly bins: number; readonly min: number; readonly max: number },
): Histogram {
  const { bins } = options;
  if (!Number.isSafeInteger(bins) || bins < 1 || bins > MAX_BINS) {
    throw new RangeError(`histogram: expected 1 to ${MAX_BINS} bins, got ${bins}`);
  }
  if (!Number.isFinite(options.max - options.min) || options.max < options.min) {
    throw new RangeError(`histogram: expected a finite range, got ${options.min} to ${options.max}`);
  }
  const widening = options.min === options.max ? 0.5 : 0;
  const min = options.min - widening;
  const max = options.max + widening;
  const step = (max - min) / bins;
  const edges = Float64Array.from({ length: bins + 1 }, (_, bin) => (bin === bins ? max : bin * step + min));
  const counts = new Uint32Array(bins);
  const scale = bins / (max - min);
  const last = bins - 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value >= min && value <= max)) continue;
    const place = ((value - min) * scale) | 0;
    let bin = place > last ? last : place;
    // The product may round to the other side of an edge; the edges decide.
    if (value < edges[bin]) bin--;
    else if (bin < last && value >= edges[bin + 1]) bin++;
    counts[bin]++;
  }
  return { counts: Array.from(counts), edges: Array.from(edges) };
}

/**
 * Counts in bins, as the distribution plots take them.
 */

/** How many values fall into each bin. */
export interface HistogramData {
  /** Borders of the bins, rising: one more than there are counts. */
  edges: ArrayLike<number>;
  counts: ArrayLike<number>;
}

/** A histogram as a line: the middle of each bin and the density there, count / (total * width of the bin). */
export interface Density {
  x: Float64Array;
  y: Float64Array;
}

/**
 * The density of a histogram, whose integral is 1. A histogram that counts nothing has density 0.
 *
 * @throws RangeError if edges and counts do not fit, or the edges do not rise.
 */
export function densityOf(histogram: HistogramData, caller: string, label: string): Density {
  checkHistogram(histogram, caller, label);
  const { edges, counts } = histogram;
  const total = totalOf(histogram);
  const x = Float64Array.from(counts, (_, i) => (edges[i] + edges[i + 1]) / 2);
  const y = Float64Array.from(counts, (count, i) => (total === 0 ? 0 : count / (total * (edges[i + 1] - edges[i]))));
  return { x, y };
}

/** The number of values that were counted. */
export function totalOf({ counts }: HistogramData): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  return total;
}

/** @throws RangeError if edges and counts do not fit, the edges do not rise, or a count is no number of things. */
export function checkHistogram({ edges, counts }: HistogramData, caller: string, label: string): void {
  const where = `${caller}: ${label}`;
  if (counts.length === 0 || edges.length !== counts.length + 1) {
    const got = `${edges.length} edges and ${counts.length} counts`;
    throw new RangeError(`${where}: expected at least one count and one edge more than counts, got ${got}`);
  }
  for (let i = 0; i < counts.length; i++) {
    if (!(Number.isFinite(edges[i]) && edges[i] < edges[i + 1] && edges[i + 1] < Infinity)) {
      throw new RangeError(`${where}: expected finite, rising edges, got ${edges[i]} before ${edges[i + 1]}`);
    }
    if (!(counts[i] >= 0 && counts[i] < Infinity)) {
      throw new RangeError(`${where}: expected counts of at least 0, got ${counts[i]}`);
    }
  }
}

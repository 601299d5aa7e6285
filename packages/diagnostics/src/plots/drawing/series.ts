/**
 * A series as a path that looks the same as one through all of its points, however many there are.
 *
 * In each column of pixels the first, least, greatest and last point are kept, in their order (M4, Jugel et al., "M4: A
 * Visualization-Oriented Time Series Data Aggregation", VLDB 2014). No peak is lost. Where a value is not finite the
 * line has a gap. Of thin lines that others average only the least and greatest are kept.
 */

import { line } from "d3-shape";

/** A place in a chart, in pixels; `undefined` is a gap. */
export type Place = readonly [x: number, y: number] | undefined;

/** A series in pixels. */
export interface Trace {
  x: Float64Array;
  /** NaN where a value has no place. */
  y: Float64Array;
  /** How many of them there are, the index of the first, and the pixels in x, each once. */
  missing: { count: number; first: number; pixels: ReadonlySet<number> };
}

/** Lays a series along two axes. */
export function trace(
  values: { x: ArrayLike<number>; y: ArrayLike<number> },
  toX: (value: number) => number,
  toY: (value: number) => number,
): Trace {
  const x = new Float64Array(values.x.length);
  const y = new Float64Array(values.x.length);
  const pixels = new Set<number>();
  let [count, first] = [0, -1];
  for (let i = 0; i < y.length; i++) {
    x[i] = toX(values.x[i]);
    y[i] = toY(values.y[i]);
    if (!Number.isFinite(x[i])) y[i] = NaN;
    else if (!Number.isFinite(y[i])) {
      y[i] = NaN;
      if (count++ === 0) first = i;
      pixels.add(Math.round(x[i]));
    }
  }
  return { x, y, missing: { count, first, pixels } };
}

/**
 * The places that the line goes through.
 *
 * @param column - Width of a column in pixels.
 * @param ends - Keep the first and last place of a column beside the least and greatest.
 */
export function thin({ x, y }: Trace, { column = 1, ends = true }: { column?: number; ends?: boolean } = {}): Place[] {
  const kept: Place[] = [];
  for (let start = 0; start < y.length;) {
    let end = start + 1;
    if (Number.isNaN(y[start])) {
      while (end < y.length && Number.isNaN(y[end])) end++;
      kept.push(undefined);
    } else {
      const left = Math.floor(x[start] / column) * column;
      let [low, high] = [start, start];
      for (; end < y.length && x[end] >= left && x[end] < left + column && !Number.isNaN(y[end]); end++) {
        if (y[end] < y[low]) low = end;
        if (y[end] > y[high]) high = end;
      }
      const extremes = [Math.min(low, high), Math.max(low, high)];
      const indices = new Set(ends ? [start, ...extremes, end - 1] : extremes);
      for (const index of indices) kept.push([x[index], y[index]]);
    }
    start = end;
  }
  return kept;
}

/** All places, with one `undefined` for each that is missing. */
export function everyPlace({ x, y }: Trace): Place[] {
  return Array.from(x, (left, i) => (Number.isNaN(y[i]) ? undefined : [left, y[i]]));
}

/** The `d` attribute of the line through the places. */
export function pathThrough(places: readonly Place[]): string {
  const draw = line<Place>()
    .defined((place) => place !== undefined)
    .x((place) => place?.[0] ?? 0)
    .y((place) => place?.[1] ?? 0)
    .digits(1);
  return draw(places) ?? "";
}

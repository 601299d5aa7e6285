/**
 * A series as a path that looks the same as one through all of its points, however many there are.
 *
 * In each column of pixels the first, least, greatest and last point are kept, in their order (M4, Jugel et al., "M4: A
 * Visualization-Oriented Time Series Data Aggregation", VLDB 2014). No peak is lost. Where a value is not finite the
 * line has a gap.
 */

import { line } from "d3-shape";

/** A place in a chart, in pixels; `undefined` is a gap. */
export type Place = readonly [x: number, y: number] | undefined;

/** The places of a series, with `undefined` where a coordinate is not finite. */
export function placesOf(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  toX: (value: number) => number,
  toY: (value: number) => number,
): Place[] {
  return Array.from({ length: x.length }, (_, i) => {
    const [left, top] = [toX(x[i]), toY(y[i])];
    return Number.isFinite(left) && Number.isFinite(top) ? [left, top] : undefined;
  });
}

/** At most four places for each column of pixels and each gap. */
export function thin(places: readonly Place[]): Place[] {
  const kept: Place[] = [];
  for (let start = 0; start < places.length;) {
    const first = places[start];
    let end = start + 1;
    if (first === undefined) {
      while (end < places.length && places[end] === undefined) end++;
      kept.push(undefined);
    } else {
      let [low, high] = [start, start];
      for (let next = places[end]; next !== undefined && sameColumn(next, first); next = places[++end]) {
        if (next[1] < height(places[low])) low = end;
        if (next[1] > height(places[high])) high = end;
      }
      const indices = new Set([start, Math.min(low, high), Math.max(low, high), end - 1]);
      for (const index of indices) kept.push(places[index]);
    }
    start = end;
  }
  return kept;
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

function sameColumn(a: readonly [number, number], b: readonly [number, number]): boolean {
  return Math.floor(a[0]) === Math.floor(b[0]);
}

function height(place: Place): number {
  return place?.[1] ?? NaN;
}

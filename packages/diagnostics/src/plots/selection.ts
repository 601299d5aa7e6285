/**
 * Which of many series a plot shows: a plot of a hundred lines tells nothing.
 */

import { distinctSeries } from "./drawing/palette.ts";

/** Options of plots with one line for each layer or parameter. */
export interface Selection {
  /**
   * Lines at most, 1 to 30. Of more, the first, the last and some at equal distances between are drawn, and a note says
   * so. @defaultValue 10
   */
  limit?: number;
}

/**
 * The items that are drawn.
 *
 * @throws RangeError if there are none, or the limit is out of range.
 */
export function select<T>(
  items: readonly T[],
  { limit = 10 }: Selection,
  caller: string,
): { shown: readonly T[]; note: string } {
  if (items.length === 0) throw new RangeError(`${caller}: expected at least one series, got none`);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= distinctSeries)) {
    throw new RangeError(`${caller}: expected a limit from 1 to ${distinctSeries} lines, got ${limit}`);
  }
  if (items.length <= limit) return { shown: items, note: "" };
  const last = items.length - 1;
  const indices = Array.from({ length: limit }, (_, i) => Math.round(limit === 1 ? 0 : (i * last) / (limit - 1)));
  return { shown: indices.map((index) => items[index]), note: `${limit} of ${items.length} are shown, evenly chosen.` };
}

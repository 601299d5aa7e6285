/**
 * Values under the pointer, without a script: invisible columns over a chart, each with its numbers as a tooltip.
 */

import { nameOf } from "./axis.ts";
import type { Chart, ChartFrame, Drawn } from "./chart.ts";
import { formatNumber } from "./number.ts";
import type { Trace } from "./series.ts";
import { element, join, type Markup } from "./svg.ts";

const columns = 48;
const linesAtMost = 12;

/** One column for each part of the x axis that has points; it tells the last point in it of each line. */
export function hoverColumns({ x: axis }: Chart, drawn: readonly Drawn[], frame: ChartFrame): Markup {
  const { left, right, top, bottom } = frame;
  const width = (right - left) / columns;
  const found = drawn
    .filter(({ line: { faint = false } }) => !faint || drawn.length === 1)
    .slice(0, linesAtMost)
    .map(({ line, trace }) => ({ line, last: lastInColumns(trace, left, width) }));
  const rects = Array.from({ length: columns }, (_, column) => {
    const here = found.filter(({ last }) => last[column] !== undefined);
    if (here.length === 0) return undefined;
    const [{ line: first, last }] = here;
    const at = first.x[last[column] ?? 0];
    const texts = here.map(({ line, last }) => `${line.label}: ${formatNumber(line.y[last[column] ?? 0])}`);
    const title = [`${nameOf(axis)} ${formatNumber(at)}`, ...texts].join("\n");
    const area = { x: left + column * width, y: top, width, height: bottom - top };
    return element("rect", area, element("title", {}, title));
  });
  return element("g", { "fill-opacity": 0 }, join(rects));
}

/** For each column, the index of the last value in it. */
function lastInColumns({ x }: Trace, left: number, width: number): (number | undefined)[] {
  const last: (number | undefined)[] = Array.from({ length: columns }, () => undefined);
  for (let i = 0; i < x.length; i++) {
    const column = Math.floor((x[i] - left) / width);
    if (!Number.isNaN(column)) last[Math.min(Math.max(column, 0), columns - 1)] = i;
  }
  return last;
}

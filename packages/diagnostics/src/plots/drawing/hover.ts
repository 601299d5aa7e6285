/**
 * Values under the pointer, without a script: invisible columns over a chart, each with its numbers as a tooltip.
 */

import type { Scale } from "./axis.ts";
import type { Chart, ChartFrame } from "./chart.ts";
import { formatNumber } from "./number.ts";
import { element, join, type Markup } from "./svg.ts";

const columns = 48;
const linesAtMost = 12;

/** One column for each part of the x axis that has points; it tells the last point in it of each line. */
export function hoverColumns({ lines, x: axis }: Chart, x: Scale, { left, right, top, bottom }: ChartFrame): Markup {
  const width = (right - left) / columns;
  const found = lines
    .filter(({ faint = false }) => !faint || lines.length === 1)
    .slice(0, linesAtMost)
    .map((line) => ({ line, last: lastInColumns(line.x, x, left, width) }));
  const rects = Array.from({ length: columns }, (_, column) => {
    const here = found.filter(({ last }) => last[column] !== undefined);
    if (here.length === 0) return undefined;
    const [{ line: first, last }] = here;
    const at = first.x[last[column] ?? 0];
    const texts = here.map(({ line, last }) => `${line.label}: ${formatNumber(line.y[last[column] ?? 0])}`);
    const title = [`${axis.label.replace(/,.*/, "")} ${formatNumber(at)}`, ...texts].join("\n");
    const area = { x: left + column * width, y: top, width, height: bottom - top };
    return element("rect", area, element("title", {}, title));
  });
  return element("g", { "fill-opacity": 0 }, join(rects));
}

/** For each column, the index of the last value in it. */
function lastInColumns(values: ArrayLike<number>, x: Scale, left: number, width: number): (number | undefined)[] {
  const last: (number | undefined)[] = Array.from({ length: columns }, () => undefined);
  for (let i = 0; i < values.length; i++) {
    const place = x.place(values[i]);
    if (!Number.isFinite(place)) continue;
    const column = Math.floor((place - left) / width);
    last[Math.min(Math.max(column, 0), columns - 1)] = i;
  }
  return last;
}

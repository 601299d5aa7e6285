/**
 * Straight lines across a chart at a value of one axis, with their names.
 */

import type { Scale } from "./axis.ts";
import type { ChartFrame } from "./chart.ts";
import { element, formatCoordinate, join, type Markup } from "./svg.ts";
import { shorten, textAt, textWidth } from "./text.ts";

/** A straight line across the chart at a value of one axis. */
export interface Rule {
  axis: "x" | "y";
  at: number;
  label: string;
}

const size = 11;

/** The dotted line of a rule. */
export function drawRule({ axis, at }: Rule, scale: Scale, { left, right, top, bottom }: ChartFrame): Markup {
  const place = formatCoordinate(scale.place(at));
  const d = axis === "y" ? `M${left} ${place}H${right}` : `M${place} ${top}V${bottom}`;
  const dashes = { "stroke-width": 1.25, "stroke-dasharray": "1 3", "stroke-linecap": "round" };
  return element("path", { d, fill: "none", stroke: "currentColor", ...dashes });
}

/**
 * The names of rules: above a horizontal one at the right, and beside a vertical one at the top. A name that would cover
 * another moves down.
 */
export function nameRules(rules: readonly Rule[], { x, y }: { x: Scale; y: Scale }, frame: ChartFrame): Markup {
  const { left, right, top, bottom } = frame;
  const taken: { start: number; end: number; baseline: number }[] = [];
  const names = rules.map(({ axis, at, label: full }) => {
    const label = shorten(full, (right - left) / 2, size);
    const width = textWidth(label, size);
    const place = x.place(axis === "x" ? at : NaN);
    const beside = place + 5 + width <= right ? place + 5 : place - 5 - width;
    const start = axis === "y" ? right - 4 - width : Math.max(beside, left);
    let baseline = Math.max(axis === "y" ? y.place(at) - 5 : 0, top + size + 2);
    const covers = () =>
      taken.some((other) => {
        return start < other.end && other.start < start + width && Math.abs(baseline - other.baseline) < size + 1;
      });
    while (covers() && baseline < bottom - 4) baseline++;
    taken.push({ start, end: start + width, baseline });
    // A font narrower than the estimate leaves its gap on the side away from the line.
    const ends = axis === "y" || start < place;
    return textAt(ends ? start + width : start, baseline, label, {
      size,
      anchor: ends ? "end" : "start",
      kind: "halo",
    });
  });
  return join(names);
}

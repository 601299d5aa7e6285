/**
 * The axes of a chart: faint lines across at each tick of y, ticks below, and the names of both.
 */

import type { Axis, Scale } from "./axis.ts";
import type { ChartFrame } from "./chart.ts";
import { element, formatCoordinate, join, type Markup } from "./svg.ts";
import { textAt, textWidth } from "./text.ts";

const size = 11;

/** Draws both axes; `right` is the y axis once more in another unit. */
export function drawAxes(
  { left, right, top, bottom, width }: ChartFrame,
  { x, y }: { x: Scale; y: Scale },
  axes: { x: Axis; y: Axis; right?: { label: string; format: (value: number) => string } },
): Markup {
  const yTicks = y.ticks.filter(({ at }) => at >= top - 0.5 && at <= bottom + 0.5);
  const xTicks = x.ticks.filter(({ at }) => at >= left - 0.5 && at <= right + 0.5);
  const across = yTicks
    .filter(({ text }) => text !== undefined)
    .map(({ at }) => `M${left} ${formatCoordinate(at)}H${right}`);
  const down = xTicks.map(({ at, text }) => `M${formatCoordinate(at)} ${bottom}v${text === undefined ? 3 : 5}`);
  const stroke = { fill: "none", stroke: "currentColor", "stroke-width": 1 };
  return join([
    element("g", { class: "grid", color: "#d8dee4" }, element("path", { d: across.join(""), ...stroke })),
    element(
      "g",
      { class: "muted", color: "#57606a" },
      element("path", { d: `M${left} ${bottom}H${right}${down.join("")}`, ...stroke }),
      ...yTicks.map(({ at, text }) =>
        text === undefined ? undefined : textAt(left - 6, at + 4, text, { size, anchor: "end", kind: "number" }),
      ),
      ...yTicks.map(({ at, value }) =>
        axes.right === undefined
          ? undefined
          : textAt(right + 6, at + 4, axes.right.format(value), { size, kind: "number" }),
      ),
      ...withoutOverlap(xTicks).map(({ at, text }) =>
        textAt(at, bottom + 17, text, { size, anchor: "middle", kind: "number" }),
      ),
    ),
    textAt(0, 11, axes.y.label, { size }),
    axes.right === undefined ? undefined : textAt(width, 11, axes.right.label, { size, anchor: "end" }),
    textAt((left + right) / 2, bottom + 34, axes.x.label, { size, anchor: "middle" }),
  ]);
}

/** The ticks whose texts leave room between each other. */
function withoutOverlap(ticks: Scale["ticks"]): { at: number; text: string }[] {
  let free = -Infinity;
  return ticks.flatMap(({ at, text }) => {
    if (text === undefined) return [];
    const half = textWidth(text, size) / 2;
    if (at - half < free) return [];
    free = at + half + 8;
    return [{ at, text }];
  });
}

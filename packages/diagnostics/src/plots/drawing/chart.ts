/**
 * Lines over two axes: what most plots of this package are made of.
 */

import { type Axis, extent, layAxis, type Scale } from "./axis.ts";
import { drawAxes } from "./axes.ts";
import type { Block, Layout } from "./figure.ts";
import { hoverColumns } from "./hover.ts";
import { formatCount, formatNumber } from "./number.ts";
import { seriesColor, seriesDash } from "./palette.ts";
import { pathThrough, type Place, placesOf, thin } from "./series.ts";
import { element, formatCoordinate, join, type Markup } from "./svg.ts";
import { textAt, textWidth } from "./text.ts";

/** A series of a chart. */
export interface Line {
  label: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Number of the series, which gives its colour and dashes. */
  style: number;
  /** A thin line for single measurements that another line averages. */
  faint?: boolean;
  /** Draws each point while there are few. */
  dots?: boolean;
  /** A word at the right end of the line. */
  endLabel?: string;
}

/** A straight line across the chart at a value of one axis. */
export interface Rule {
  axis: "x" | "y";
  at: number;
  label: string;
}

/** What a chart shows. */
export interface Chart {
  x: Axis;
  y: Axis;
  lines: readonly Line[];
  rules?: readonly Rule[];
  /** The y axis once more at the right, in another unit. */
  right?: { label: string; format: (value: number) => string };
  /** A value that the y axis always reaches. */
  floor?: number;
  /** Height of the area of the lines. @defaultValue by the width */
  height?: number;
}

const tickSize = 11;

/** Draws the chart; `notes` say what could not be drawn. */
export function drawChart(layout: Layout, chart: Chart): { block: Block; notes: string[] } {
  const { lines, rules = [] } = chart;
  const height = chart.height ?? Math.round(Math.min(Math.max(layout.width * 0.42, 220), 420));
  const top = 26;
  const bottom = top + height;

  const ruled = (axis: "x" | "y") => rules.filter((rule) => rule.axis === axis).map(({ at }) => at);
  const yValues = [...lines.map(({ y }) => y), ruled("y"), chart.floor === undefined ? [] : [chart.floor]];
  const y = layAxis(chart.y, extent(yValues, chart.y.type), [bottom, top], {
    count: Math.max(3, Math.floor(height / 48)),
    nice: true,
  });
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => textWidth(text, tickSize)));
  const left = Math.ceil(widest(y.ticks.map(({ text }) => text ?? ""))) + 9;
  const atRight = [
    ...lines.map(({ endLabel }) => endLabel ?? ""),
    ...(chart.right === undefined ? [] : y.ticks.map(({ value }) => chart.right?.format(value) ?? "")),
  ];
  const right = layout.width - Math.max(Math.ceil(widest(atRight)) + 8, 10);
  const xValues = [...lines.map(({ x }) => x), ruled("x")];
  const x = layAxis(chart.x, extent(xValues, chart.x.type), [left, right], {
    count: Math.max(2, Math.floor((right - left) / 90)),
    nice: false,
  });

  const frame = { left, right, top, bottom, width: layout.width };
  const drawn = lines.map((line) => ({ line, places: placesOf(line.x, line.y, x.place, (v) => clamp(y, v, frame)) }));
  const hasFaint = lines.some(({ faint = false }) => faint);
  const markup = join([
    drawAxes(frame, { x, y }, chart),
    ...rules.map((rule) => drawRule(rule, rule.axis === "x" ? x : y, frame)),
    ...drawn.map(({ line, places }) => drawLine(line, places, hasFaint)),
    ...rules.map((rule) => nameRule(rule, rule.axis === "x" ? x : y, frame)),
    endLabels(drawn, frame),
    missingMarks(lines, x, y, frame),
    hoverColumns(chart, x, frame),
  ]);
  return { block: { height: bottom + 38, markup }, notes: missingNotes(lines, x, y, chart) };
}

/** The area of the lines, and the width of the whole chart. */
export interface ChartFrame {
  left: number;
  right: number;
  top: number;
  bottom: number;
  width: number;
}

/** The pixel of a value; beyond a domain that the caller has set, the edge. */
function clamp(scale: Scale, value: number, { top, bottom }: ChartFrame): number {
  return Math.min(Math.max(scale.place(value), top), bottom);
}

/** Over thin lines of the same colour a line needs a rim in the colour of the background. */
function drawLine(line: Line, places: readonly Place[], rimmed: boolean): Markup {
  const { label, style, faint = false, dots = false } = line;
  const shape = { d: pathThrough(thin(places)), fill: "none", stroke: "currentColor", "stroke-linejoin": "round" };
  const look = faint
    ? { "stroke-width": 1, "stroke-opacity": 0.45 }
    : { "stroke-width": 2, "stroke-dasharray": seriesDash(style), "stroke-linecap": "round" };
  const rim = { ...shape, class: "paper", color: "#ffffff", "stroke-width": 4.5, "stroke-opacity": 0.75 };
  const finite = dots ? places.filter((place) => place !== undefined) : [];
  return element(
    "g",
    seriesColor(style),
    rimmed && !faint ? element("path", rim) : undefined,
    element("path", { ...shape, ...look }, element("title", {}, label)),
    finite.length <= 80 ? join(finite.map(circle)) : undefined,
  );
}

function circle([cx, cy]: readonly [number, number]): Markup {
  return element("circle", { cx, cy, r: 3, fill: "currentColor" });
}

function drawRule({ axis, at }: Rule, scale: Scale, { left, right, top, bottom }: ChartFrame): Markup {
  const place = formatCoordinate(scale.place(at));
  const d = axis === "y" ? `M${left} ${place}H${right}` : `M${place} ${top}V${bottom}`;
  const dashes = { "stroke-width": 1.25, "stroke-dasharray": "1 3", "stroke-linecap": "round" };
  return element("path", { d, fill: "none", stroke: "currentColor", ...dashes });
}

/** The name of a rule, over the lines and on the side of it where there is room. */
function nameRule({ axis, at, label }: Rule, scale: Scale, { right, top }: ChartFrame): Markup {
  const place = scale.place(at);
  if (axis === "y") return textAt(right - 4, place - 5, label, { size: tickSize, anchor: "end", kind: "halo" });
  const toLeft = place + textWidth(label, tickSize) + 8 > right;
  const style = { size: tickSize, anchor: toLeft ? "end" : "start", kind: "halo" } as const;
  return textAt(place + (toLeft ? -5 : 5), top + tickSize + 2, label, style);
}

/** Words at the ends of lines, moved apart where they would cover each other. */
function endLabels(drawn: readonly { line: Line; places: readonly Place[] }[], frame: ChartFrame): Markup {
  const labels = drawn.flatMap(({ line, places }) => {
    const end = places.findLast((place) => place !== undefined);
    return line.endLabel === undefined || end === undefined ? [] : [{ ...line, text: line.endLabel, y: end[1] }];
  });
  labels.sort((a, b) => a.y - b.y);
  const step = tickSize + 2;
  for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + step);
  let limit = frame.bottom + 4;
  for (let i = labels.length - 1; i >= 0; i--, limit -= step) labels[i].y = Math.min(labels[i].y, limit);
  return join(
    labels.map(({ text, y, style }) =>
      element("g", seriesColor(style), textAt(frame.right + 5, y + 4, text, { size: tickSize, kind: "strong" })),
    ),
  );
}

/** A cross above the area in each column of pixels where a value is no number. */
function missingMarks(
  lines: readonly Line[],
  x: Scale,
  y: Scale,
  { top, left, right }: ChartFrame,
): Markup | undefined {
  const columns = new Set<number>();
  for (const line of lines) {
    for (const i of missing(line, x, y)) {
      const place = x.place(line.x[i]);
      if (place >= left && place <= right) columns.add(Math.round(place / 3) * 3);
    }
  }
  if (columns.size === 0) return undefined;
  const crosses = [...columns].sort((a, b) => a - b).map((at) => `M${at - 3} ${top - 3}l6 6m0 -6l-6 6`);
  const path = { d: crosses.join(""), fill: "none", stroke: "currentColor", "stroke-width": 1.5 };
  return element("path", path, element("title", {}, "values that are no finite numbers"));
}

function missingNotes(lines: readonly Line[], x: Scale, y: Scale, chart: Chart): string[] {
  return lines.flatMap((line) => {
    const places = missing(line, x, y);
    if (places.length === 0) return [];
    const [first] = places;
    const where = `${chart.x.label.replace(/,.*/, "")} ${formatNumber(line.x[first])}`;
    const what = chart.y.type === "log" ? "no positive finite number" : "no finite number";
    return [
      `× ${line.label}: ${formatCount(places.length, "value is", "values are")} ${what}; the first, ${formatNumber(line.y[first])}, at ${where}.`,
    ];
  });
}

function missing(line: Line, x: Scale, y: Scale): number[] {
  const places: number[] = [];
  for (let i = 0; i < line.y.length; i++) {
    if (!Number.isFinite(y.place(line.y[i])) && Number.isFinite(x.place(line.x[i]))) places.push(i);
  }
  return places;
}

/**
 * Lines over two axes: what most plots of this package are made of.
 */

import { type Axis, extent, layAxis, nameOf } from "./axis.ts";
import { drawAxes } from "./axes.ts";
import type { Block, Layout } from "./figure.ts";
import { hoverColumns } from "./hover.ts";
import { formatCount, formatNumber } from "./number.ts";
import { seriesColor, seriesDash } from "./palette.ts";
import { drawRule, nameRules, type Rule } from "./rules.ts";
import { everyPlace, pathThrough, thin, type Trace, trace } from "./series.ts";
import { element, join, type Markup } from "./svg.ts";
import { textWidth } from "./text.ts";

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
  const atRight = y.ticks.map(({ value }) => chart.right?.format(value) ?? "");
  const right = layout.width - Math.max(Math.ceil(widest(atRight)) + 8, 10);
  const xValues = [...lines.map(({ x }) => x), ruled("x")];
  const x = layAxis(chart.x, extent(xValues, chart.x.type), [left, right], {
    count: Math.max(2, Math.floor((right - left) / 90)),
    nice: false,
  });

  const frame = { left, right, top, bottom, width: layout.width };
  const toY = (value: number) => Math.min(Math.max(y.place(value), top), bottom);
  const drawn = lines.map((line): Drawn => ({ line, trace: trace(line, x.place, toY) }));
  const faint = drawn.filter(({ line }) => line.faint);
  const others = drawn.filter(({ line }) => !line.faint);
  const markup = join([
    drawAxes(frame, { x, y }, chart),
    ...faint.map((each) => drawFaint(each, faint.length)),
    ...rules.map((rule) => drawRule(rule, rule.axis === "x" ? x : y, frame)),
    ...others.map((each) => drawLine(each, faint.length > 0)),
    nameRules(rules, { x, y }, frame),
    missingMarks(drawn, frame),
    hoverColumns(chart, drawn, frame),
  ]);
  return { block: { height: bottom + 38, markup }, notes: missingNotes(drawn, chart) };
}

/** A line and where it runs. */
export interface Drawn {
  line: Line;
  trace: Trace;
}

/** The area of the lines, and the width of the whole chart. */
export interface ChartFrame {
  left: number;
  right: number;
  top: number;
  bottom: number;
  width: number;
}

/** A thin line, thinner where there are many, so that what averages them is seen. */
function drawFaint({ line, trace }: Drawn, count: number): Markup {
  const many = count > 4;
  const d = pathThrough(thin(trace, { column: many ? 2 : 1, ends: false }));
  const look = { "stroke-width": 1, "stroke-opacity": many ? 0.16 : 0.45, "stroke-linejoin": "round" };
  const path = element("path", { d, fill: "none", stroke: "currentColor", ...look }, element("title", {}, line.label));
  return element("g", seriesColor(line.style), path);
}

/** Over thin lines of the same colour a line needs a rim in the colour of the background. */
function drawLine({ line, trace }: Drawn, rimmed: boolean): Markup {
  const { label, style, dots = false } = line;
  const shape = { d: pathThrough(thin(trace)), fill: "none", stroke: "currentColor", "stroke-linejoin": "round" };
  const look = { "stroke-width": 2, "stroke-dasharray": seriesDash(style), "stroke-linecap": "round" };
  const rim = { ...shape, class: "paper", color: "#ffffff", "stroke-width": 4.5, "stroke-opacity": 0.75 };
  const circles = dots && trace.y.length <= 80 ? everyPlace(trace).filter((place) => place !== undefined) : [];
  return element(
    "g",
    seriesColor(style),
    rimmed ? element("path", rim) : undefined,
    element("path", { ...shape, ...look }, element("title", {}, label)),
    join(circles.map(circle)),
  );
}

function circle([cx, cy]: readonly [number, number]): Markup {
  return element("circle", { cx, cy, r: 3, fill: "currentColor" });
}

/** A cross above the area wherever a value is no number. */
function missingMarks(drawn: readonly Drawn[], { top }: ChartFrame): Markup | undefined {
  // Crosses are 6 pixels wide.
  const columns = new Set(drawn.flatMap(({ trace }) => Array.from(trace.missing.pixels, (x) => Math.round(x / 8) * 8)));
  if (columns.size === 0) return undefined;
  const crosses = [...columns].sort((a, b) => a - b).map((at) => `M${at - 3} ${top - 3}l6 6m0 -6l-6 6`);
  const path = { d: crosses.join(""), fill: "none", stroke: "currentColor", "stroke-width": 1.5 };
  return element("path", path, element("title", {}, "values that are no finite numbers"));
}

function missingNotes(drawn: readonly Drawn[], chart: Chart): string[] {
  return drawn.flatMap(({ line, trace: { missing } }) => {
    if (missing.count === 0) return [];
    const where = `${nameOf(chart.x)} ${formatNumber(line.x[missing.first])}`;
    const what = chart.y.type === "log" ? "no positive finite number" : "no finite number";
    const howMany = formatCount(missing.count, "value is", "values are");
    return [`× ${line.label}: ${howMany} ${what}; the first, ${formatNumber(line.y[missing.first])}, at ${where}.`];
  });
}

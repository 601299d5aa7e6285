/**
 * Legends: in one flow of names, or as a table with numbers behind each name.
 */

import type { Block, Layout } from "./figure.ts";
import { seriesColor, seriesDash } from "./palette.ts";
import { element, join, type Markup } from "./svg.ts";
import { shorten, textAt, textWidth } from "./text.ts";

/** A line of a legend. */
export interface LegendEntry {
  label: string;
  /** Number of the series, which gives its colour and dashes. */
  style: number;
  /** Drawn as the thin line of single measurements. */
  faint?: boolean;
  /** Drawn with dots. */
  dots?: boolean;
  /** Texts of the columns behind the name. */
  values?: readonly string[];
}

const size = 11;
const row = 17;
const swatch = 28;
const noName = "(no name)";

/** Names beside each other, as many in a row as fit. */
export function legendFlow({ width }: Layout, entries: readonly LegendEntry[]): Block {
  const pieces: Markup[] = [];
  let [x, y] = [0, 0];
  for (const entry of entries) {
    const label = shorten(entry.label || noName, width - swatch - 8, size);
    const needed = swatch + 6 + textWidth(label, size) + 14;
    if (x > 0 && x + needed > width) [x, y] = [0, y + row];
    pieces.push(sample(entry, x, y + row / 2), named(entry.label, label, x + swatch + 6, y + row / 2 + 4));
    x += needed;
  }
  return { height: entries.length === 0 ? 0 : y + row, markup: join(pieces) };
}

/** One row for each name, with its numbers in columns; two tables beside each other where there is room. */
export function legendTable(layout: Layout, headings: readonly string[], entries: readonly LegendEntry[]): Block {
  const columnWidths = headings.map((heading, i) =>
    Math.max(textWidth(heading, size), ...entries.map(({ values }) => textWidth(values?.[i] ?? "", size))),
  );
  const numbers = columnWidths.reduce((total, width) => total + width + 10, 0);
  const longest = Math.max(...entries.map(({ label }) => textWidth(label, size)));
  const half = (layout.width - 32) / 2;
  const columns = entries.length > 3 && swatch + 6 + Math.min(longest, 90) + numbers <= half ? 2 : 1;
  const tableWidth = columns === 2 ? half : Math.min(layout.width, swatch + 12 + longest + numbers + 24);
  const rows = Math.ceil(entries.length / columns);
  const pieces: Markup[] = [];
  for (let column = 0; column < columns; column++) {
    const left = column * (half + 32);
    const cells = (texts: readonly string[], y: number, kind: string) => {
      let right = left + tableWidth;
      const placed: Markup[] = [];
      for (let i = texts.length - 1; i >= 0; i--) {
        placed.push(textAt(right, y, texts[i], { size, anchor: "end", kind }));
        right -= columnWidths[i] + 10;
      }
      return join(placed);
    };
    pieces.push(cells(headings, size, "muted"));
    entries.slice(column * rows, (column + 1) * rows).forEach((entry, i) => {
      const middle = row * (i + 1.5);
      const label = shorten(entry.label || noName, tableWidth - numbers - swatch - 10, size);
      pieces.push(sample(entry, left, middle), named(entry.label, label, left + swatch + 6, middle + 4));
      pieces.push(cells(entry.values ?? [], middle + 4, "number"));
    });
  }
  return { height: row * (rows + 1), markup: join(pieces) };
}

function named(full: string, shown: string, x: number, y: number): Markup {
  const text = textAt(x, y, shown, { size });
  return full === shown ? text : element("g", {}, element("title", {}, full), text);
}

/** A short piece of the line. */
function sample({ style, faint = false, dots = false }: LegendEntry, x: number, y: number): Markup {
  return element(
    "g",
    { ...seriesColor(style), stroke: "currentColor" },
    element("path", {
      d: `M${x} ${y}h${swatch}`,
      "stroke-width": faint ? 1 : 2,
      "stroke-opacity": faint ? 0.5 : undefined,
      "stroke-dasharray": faint ? undefined : seriesDash(style),
    }),
    dots ? element("circle", { cx: x + swatch / 2, cy: y, r: 3, fill: "currentColor" }) : undefined,
  );
}

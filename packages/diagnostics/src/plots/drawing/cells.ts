/**
 * Coloured cells in rows and columns, the names along both sides, and the scale of the colours.
 */

import type { Block, Layout } from "./figure.ts";
import { formatNumber } from "./number.ts";
import { heatColor, heatLevel, lightTheme, takesInk } from "./palette.ts";
import { element, formatCoordinate, join, type Markup } from "./svg.ts";
import { shorten, textAt, textWidth } from "./text.ts";

/** A table of cells. */
export interface Cells {
  rows: number;
  columns: number;
  /** The share of the scale that a cell takes, 0 to 1; NaN where there is no number. */
  share(row: number, column: number): number;
  /** Tooltip of a cell. Without it, cells of one colour are one path. */
  title?(row: number, column: number): string;
  /** Lines of text in a cell. */
  texts?(row: number, column: number): readonly string[];
}

/** Where a table of cells stands, in pixels. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

const cellTextSize = 10;

/** Draws the cells, those of one colour together. A cell without a number is crossed out. */
export function drawCells(cells: Cells, area: Area): Markup {
  const { rows, columns } = cells;
  const [width, height] = [area.width / columns, area.height / rows];
  const levels: Markup[][] = lightTheme.heat.map(() => []);
  const runs: string[][] = lightTheme.heat.map(() => []);
  const texts: Markup[][] = [[], []];
  const crosses: string[] = [];
  for (let row = 0; row < rows; row++) {
    const y = area.y + row * height;
    for (let column = 0, length = 1; column < columns; column += length) {
      length = 1;
      const x = area.x + column * width;
      const share = cells.share(row, column);
      const level = Number.isNaN(share) ? -1 : heatLevel(share);
      const title = cells.title?.(row, column);
      if (level < 0) {
        const [right, down] = [formatCoordinate(width / 2), formatCoordinate(height / 2)];
        crosses.push(`M${formatCoordinate(x + width / 4)} ${formatCoordinate(y + height / 4)}l${right} ${down}`);
      } else if (title === undefined) {
        while (column + length < columns && levelAt(cells, row, column + length) === level) length++;
        runs[level].push(`M${column} ${row}h${length}v1h-${length}z`);
      }
      if (title !== undefined) {
        const rect = { x: column, y: row, width: 1, height: 1, "fill-opacity": level < 0 ? 0 : undefined };
        levels[Math.max(level, 0)].push(element("rect", rect, element("title", {}, title)));
      }
      const lines = cells.texts?.(row, column) ?? [];
      lines.forEach((line, i) => {
        const middle = y + height / 2 + (i - (lines.length - 1) / 2) * (cellTextSize + 1) + 3.5;
        const place = textAt(x + width / 2, middle, line, { size: cellTextSize, anchor: "middle" });
        texts[takesInk(Math.max(level, 0)) ? 0 : 1].push(place);
      });
    }
  }
  const shapes = lightTheme.heat.map((_, level) => {
    if (levels[level].length === 0 && runs[level].length === 0) return undefined;
    const path = runs[level].length === 0 ? undefined : element("path", { d: runs[level].join("") });
    return element("g", { ...heatColor(level), fill: "currentColor" }, path, ...levels[level]);
  });
  // Shapes are written in cells, which keeps them short: the transform makes pixels of them.
  const transform = `translate(${formatCoordinate(area.x)} ${formatCoordinate(area.y)}) scale(${width} ${height})`;
  return join([
    element("g", { transform, "shape-rendering": "crispEdges" }, ...shapes),
    crosses.length === 0 ? undefined : element("path", { d: crosses.join(""), fill: "none", stroke: "currentColor" }),
    // The pointer goes through the words, to the cell with its tooltip.
    element("g", { "pointer-events": "none" }, ...texts[0]),
    element("g", { "pointer-events": "none", class: "paper", color: "#ffffff" }, ...texts[1]),
  ]);
}

/** A thin frame around an area, so that pale cells have an end. */
export function outline({ x, y, width, height }: Area): Markup {
  const attributes = { x, y, width, height, class: "muted", color: "#57606a", fill: "none", stroke: "currentColor" };
  return element("rect", attributes);
}

/** Names beside the rows, right-aligned; every so many where there is no room for all. */
export function rowNames(names: readonly string[], area: Area, room: number, size = 11): Markup {
  const step = area.height / names.length;
  return join(
    names.map((name, i) => {
      if (i % every(step, size) !== 0) return undefined;
      const style = { size, anchor: "end", kind: "mono" } as const;
      return textAt(area.x - 5, area.y + (i + 0.5) * step + size * 0.36, shorten(name, room, size), style);
    }),
  );
}

/** Names below the columns, upright where they fit and turned where they do not. */
export function columnNames(names: readonly string[], area: Area, room: number, size = 11): Markup {
  const step = area.width / names.length;
  const bottom = area.y + area.height;
  const upright = fitUpright(names, area.width, size);
  return join(
    names.map((name, i) => {
      if (i % every(step, size) !== 0) return undefined;
      const x = area.x + (i + 0.5) * step;
      if (upright) return textAt(x, bottom + size + 4, name, { size, anchor: "middle", kind: "mono" });
      const text = textAt(0, size * 0.36, shorten(name, room, size), { size, anchor: "end", kind: "mono" });
      return element(
        "g",
        { transform: `translate(${formatCoordinate(x)} ${formatCoordinate(bottom + 5)}) rotate(-90)` },
        text,
      );
    }),
  );
}

/** Whether the names that are shown stand beside each other without being turned. */
export function fitUpright(names: readonly string[], width: number, size = 11): boolean {
  const step = (width / names.length) * every(width / names.length, size);
  return names.every((name) => textWidth(name, size) <= step);
}

/** Of how many names one is shown. */
function every(step: number, size: number): number {
  return Math.max(1, Math.ceil((size + 1) / step));
}

/** The scale of the colours, with the value of some of them; `valueAt` turns a share of the scale into a value. */
export function colorScale(layout: Layout, label: string, valueAt: (share: number) => number): Block {
  const levels = lightTheme.heat.length;
  const width = Math.min(layout.width, 320);
  const step = width / levels;
  const boxes = lightTheme.heat.map((_, level) =>
    element("rect", { x: level * step, y: 16, width: step, height: 12, fill: "currentColor", ...heatColor(level) }),
  );
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const anchor = share === 0 ? "start" : share === 1 ? "end" : "middle";
    return textAt(share * width, 41, formatNumber(valueAt(share), 3), { size: 11, anchor, kind: "muted number" });
  });
  const markup = join([
    textAt(0, 11, label, { size: 11 }),
    element("g", { "shape-rendering": "crispEdges" }, ...boxes),
    outline({ x: 0, y: 16, width, height: 12 }),
    ...ticks,
  ]);
  return { height: 46, markup };
}

function levelAt(cells: Cells, row: number, column: number): number {
  const share = cells.share(row, column);
  return Number.isNaN(share) ? -1 : heatLevel(share);
}

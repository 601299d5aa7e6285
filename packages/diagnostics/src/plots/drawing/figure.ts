/**
 * The sheet that every plot is drawn on: a heading, blocks one below the other, and notes at the foot.
 */

import { element, join, type Markup } from "./svg.ts";
import { type ColorScheme, styleSheet } from "./styleSheet.ts";
import { textAt, wrap } from "./text.ts";

/** Options of every plot. */
export interface PlotOptions {
  /**
   * Width in CSS pixels that the plot is laid out for, 280 to 2000; it shrinks in a narrower place. Below 560 the layout
   * is one for telephones: draw a plot again with the width of the screen and no text in it is smaller than 10 pixels.
   * @defaultValue 760
   */
  width?: number;
  /** Heading. @defaultValue the name of the plot */
  title?: string;
  /** `auto` is light unless the reader prefers dark. @defaultValue "auto" */
  scheme?: ColorScheme;
}

/** The room that there is. */
export interface Layout {
  /** Width of a block. */
  width: number;
  narrow: boolean;
}

/** A piece of a figure, drawn from (0, 0) and as wide as the layout. */
export interface Block {
  height: number;
  markup: Markup;
}

/** What a figure consists of. */
export interface FigureContent {
  /** Heading if the caller gives none. */
  title: string;
  /** What is seen, for readers who cannot see it. */
  description: string;
  blocks: readonly Block[];
  /** Sentences below the blocks. */
  notes?: readonly string[];
}

const titleSize = 15;
const noteSize = 11;
const gap = 10;

/**
 * Lays out the blocks and writes the SVG file.
 *
 * @throws RangeError if the width is out of range.
 */
export function figure(name: string, options: PlotOptions, draw: (layout: Layout) => FigureContent): string {
  const { width = 760, scheme = "auto" } = options;
  if (!(width >= 280 && width <= 2000)) {
    throw new RangeError(`${name}: expected a width from 280 to 2000 pixels, got ${width}`);
  }
  const narrow = width < 560;
  const padding = narrow ? 10 : 16;
  const layout = { width: width - 2 * padding, narrow };
  const content = draw(layout);
  const title = options.title ?? content.title;
  const blocks = [
    paragraph(title, layout, titleSize, "strong"),
    ...content.blocks,
    ...(content.notes ?? []).filter((note) => note !== "").map((note) => paragraph(note, layout, noteSize, "muted")),
  ];
  const pieces: Markup[] = [];
  let y = padding;
  for (const block of blocks) {
    pieces.push(element("g", { transform: `translate(${padding} ${Math.round(y)})` }, block.markup));
    y += block.height + gap;
  }
  const height = Math.round(y - gap + padding);
  const svg = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "llm-plot",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      color: "#1f2328",
      style: "max-width:100%;height:auto",
    },
    element("title", {}, title),
    element("desc", {}, [content.description, ...(content.notes ?? [])].join(" ").trim()),
    // No text but our own: the style sheet needs its quotes and angle brackets unescaped, and holds no "<".
    { svg: `<style>${styleSheet(scheme)}</style>` },
    join(pieces),
  );
  return `${svg.svg}\n`;
}

/** A paragraph in full width, as a block. */
function paragraph(content: string, { width }: Layout, size: number, kind: string): Block {
  const lines = wrap(content, width, size);
  const markup = join(lines.map((line, i) => textAt(0, size + i * size * 1.35, line, { size, kind })));
  return { height: size + Math.max(lines.length - 1, 0) * size * 1.35 + 2, markup };
}

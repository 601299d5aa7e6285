/**
 * A plot on a page: drawn for a wide screen and again for a telephone, where a style sheet shows one of the two.
 */

import { Html, html, type HtmlValue } from "./html.ts";

/** A plot that can be drawn in any width. */
export interface Figure {
  /** File name without extension; unique in a report. */
  readonly name: string;
  /** The SVG, laid out for `width` pixels. */
  readonly draw: (width: number) => string;
  /** What to see in it. */
  readonly caption?: HtmlValue;
}

/** A figure in both widths, or why there is none: values that come from a file may be such that nobody can draw them. */
export interface DrawnFigure {
  readonly name: string;
  readonly wide: string | undefined;
  readonly narrow: string | undefined;
  readonly caption: HtmlValue;
  readonly problem: string | undefined;
}

/** Width of a plot on a telephone of 390 pixels. */
export const NARROW_PLOT = 360;

/** Draws a figure for both kinds of screen. */
export function drawFigure({ name, draw, caption }: Figure, width: number): DrawnFigure {
  try {
    return { name, wide: draw(width), narrow: draw(NARROW_PLOT), caption, problem: undefined };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { name, wide: undefined, narrow: undefined, caption: undefined, problem: error.message };
  }
}

/** The figure, with a class on each of the two plots. */
export function figureHtml({ name, wide, narrow, caption, problem }: DrawnFigure): Html {
  if (wide === undefined || narrow === undefined) {
    return html`<p class="muted">The figure “${name}” cannot be drawn: ${problem}.</p>`;
  }
  return html`<figure id="figure-${name}">
    <div class="wide">${new Html(wide)}</div>
    <div class="narrow">${new Html(narrow)}</div>
    ${caption !== undefined && html`<figcaption>${caption}</figcaption>`}
  </figure>`;
}

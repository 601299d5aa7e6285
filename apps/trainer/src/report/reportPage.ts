/**
 * The report as one HTML document that loads nothing: style sheet and plots stand in it, and a policy in its head forbids
 * scripts and every request. It is to be read top to bottom: what to do first, then how it learned, then what is inside.
 */

import { type DrawnFigure, figureHtml } from "../page/figure.ts";
import { Html, html } from "../page/html.ts";
import { pageStyle } from "../page/pageStyle.ts";
import { reportStyle } from "./reportStyle.ts";
import type { Section } from "./section.ts";

export interface ReportHead {
  /** Name of the run. */
  readonly title: string;
  /** What was trained on what, in a sentence. */
  readonly description: string;
  /** The numbers at the top: name, value, and what it is measured in or compared with. */
  readonly facts: readonly Fact[];
}

/** A number worth a tile. */
export type Fact = readonly [name: string, value: string, note?: string | undefined];

/** A section whose figures are drawn. */
export interface DrawnSection extends Omit<Section, "figures" | "folded"> {
  readonly figures: readonly DrawnFigure[];
  readonly folded: { readonly summary: string; readonly figures: readonly DrawnFigure[] } | undefined;
}

const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** The document. */
export function reportPage({ title, description, facts }: ReportHead, sections: readonly DrawnSection[]): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(policy)}" />
        <link rel="icon" href="data:," />
        <title>${title}: training report</title>
        ${new Html(`<style>${pageStyle}${reportStyle}</style>`)}
      </head>
      <body>
        <div class="page">
          <nav class="contents" aria-label="Contents">
            <ol>
              ${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}
            </ol>
          </nav>
          <main>
            <header>
              <p class="eyebrow">Training report</p>
              <h1>${title}</h1>
              <p class="muted">${description}</p>
              <dl class="tiles">${facts.map(factHtml)}</dl>
            </header>
            ${sections.map(sectionHtml)}
            <footer>
              Written by <code>llm-learning report</code>. Each figure is an SVG file too, beside this page.
            </footer>
          </main>
        </div>
      </body>
    </html> `;
  return page.text;
}

/** A tile. */
export function factHtml([name, value, note]: Fact): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}${note !== undefined && html`<small>${note}</small>`}</dd>
  </div>`;
}

function sectionHtml({ id, title, lead, figures, folded, rest }: DrawnSection): Html {
  return html`<section id="${id}">
    <h2>${title}</h2>
    ${lead} ${figures.map(figureHtml)}
    ${
      folded &&
      html`<details>
        <summary>${folded.summary}</summary>
        ${folded.figures.map(figureHtml)}
      </details>`
    }
    ${rest}
  </section>`;
}

/**
 * A boxed note on a page: what is wrong, and what to do about it.
 */

import type { SamplesLine } from "../run/samplesLines.ts";
import { formatCount } from "../terminal/format.ts";
import { type Html, html } from "./html.ts";

/** A warning with its cure. */
export function warningHtml({ title, text }: { readonly title: string; readonly text: string }): Html {
  return html`<div class="warning">
    <strong>${title}</strong>
    <p>${text}</p>
  </div>`;
}

/** Characters of a text that stands among many. */
const EXCERPT = 800;

/** What the weights of a step wrote: texts, or a line each. */
export function stepSampleHtml({ step, texts }: SamplesLine): Html {
  const written = texts.map((text) => text.trim()).join("\n");
  const text = written.length > EXCERPT ? `${written.slice(0, EXCERPT)}…` : written;
  return html`<h3>Step ${formatCount(step)}</h3>
    ${sampleHtml(text)}`;
}

/** A text that a model wrote. */
export function sampleHtml(text: string): Html {
  return html`<div class="sample"><pre>${text}</pre></div>`;
}

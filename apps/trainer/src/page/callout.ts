/**
 * A boxed note on a page: what is wrong, and what to do about it.
 */

import { type Html, html } from "./html.ts";

/** A warning with its cure. */
export function warningHtml({ title, text }: { readonly title: string; readonly text: string }): Html {
  return html`<div class="warning">
    <strong>${title}</strong>
    <p>${text}</p>
  </div>`;
}

/** A text that a model wrote. */
export function sampleHtml(text: string): Html {
  return html`<div class="sample"><pre>${text}</pre></div>`;
}

/**
 * A small writer of HTML: templates in which every value is escaped, so that no text of a run can be obeyed as markup.
 */

/** A piece that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: text and numbers are escaped, pieces stand as they are, lists stand one behind the other. */
export type HtmlValue = Html | string | number | undefined | false | readonly HtmlValue[];

/**
 * HTML with values in it.
 *
 * @example
 * ```ts
 * html`<b>${"a < b"}</b>`.text; // => "<b>a &lt; b</b>"
 * ```
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((text, part, index) => text + render(values[index - 1]) + part));
}

/** Text for HTML, in an element or a quoted attribute. What cannot be shown, and what turns the direction of writing, becomes U+FFFD. */
export function escapeHtml(text: string): string {
  return text
    .replace(/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function render(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (value === undefined || value === false) return "";
  return typeof value === "object" ? value.map(render).join("") : escapeHtml(String(value));
}

/**
 * A part of a report: a heading with an anchor, prose, and figures that become files of their own too.
 */

import type { Figure } from "../page/figure.ts";
import type { HtmlValue } from "../page/html.ts";

export interface Section {
  /** Anchor: letters and hyphens. */
  readonly id: string;
  readonly title: string;
  /** What stands above the figures. */
  readonly lead?: HtmlValue;
  readonly figures?: readonly Figure[];
  /** Figures that are seen once the reader opens them. */
  readonly folded?: { readonly summary: string; readonly figures: readonly Figure[] };
  /** What stands below them. */
  readonly rest?: HtmlValue;
}

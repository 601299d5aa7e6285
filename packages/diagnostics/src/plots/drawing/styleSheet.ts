/**
 * The style sheet inside every plot: the palette as CSS custom properties, light unless the reader prefers dark.
 *
 * All rules that a page may want to change have no specificity (`:where`), so `.llm-plot { --plot-ink: black }` in the
 * page wins. Elements carry the light colours as attributes too, for programs that know no custom properties.
 */

import { darkTheme, lightTheme, type Theme } from "./palette.ts";

/** Which background a plot is made for: `auto` follows the reader's preference. */
export type ColorScheme = "auto" | "light" | "dark";

const rules = [
  ":where(.llm-plot){color:var(--plot-ink);font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}",
  ".llm-plot .ink{color:var(--plot-ink)}",
  ".llm-plot .muted{color:var(--plot-muted)}",
  ".llm-plot .grid{color:var(--plot-grid)}",
  ".llm-plot .paper{color:var(--plot-paper)}",
  ".llm-plot .halo{stroke:var(--plot-paper);stroke-width:3px;stroke-linejoin:round;paint-order:stroke}",
  ".llm-plot .strong{font-weight:600}",
  ".llm-plot .mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}",
  ".llm-plot .number{font-variant-numeric:tabular-nums}",
  ...lightTheme.series.map((_, i) => `.llm-plot .s${i}{color:var(--plot-series-${i})}`),
  ...lightTheme.heat.map((_, i) => `.llm-plot .h${i}{color:var(--plot-heat-${i})}`),
].join("");

/** The content of the `<style>` element of a plot. */
export function styleSheet(scheme: ColorScheme): string {
  const first = plotTheme(scheme === "dark" ? "dark" : "light");
  const dark = scheme === "auto" ? `@media (prefers-color-scheme:dark){:where(.llm-plot){${plotTheme("dark")}}}` : "";
  // A file that is opened by itself gets the canvas that goes with its colours.
  const canvas = `.llm-plot:root{color-scheme:${scheme === "auto" ? "light dark" : scheme}}`;
  return `:where(.llm-plot){${first}}${dark}${canvas}${rules}`;
}

/**
 * The custom properties of one theme as CSS declarations, for a page with a switch of its own:
 * `[data-theme="dark"] .llm-plot { … }`.
 *
 * `--plot-ink`, `--plot-paper`, `--plot-muted`, `--plot-grid`, `--plot-series-0` to `-5`, `--plot-heat-0` to `-15`.
 *
 * @example
 * ```ts
 * plotTheme("dark").slice(0, 18); // => "--plot-ink:#f0f6fc"
 * ```
 */
export function plotTheme(scheme: "light" | "dark"): string {
  const { ink, paper, muted, grid, series, heat }: Theme = scheme === "dark" ? darkTheme : lightTheme;
  const declarations = [
    `--plot-ink:${ink}`,
    `--plot-paper:${paper}`,
    `--plot-muted:${muted}`,
    `--plot-grid:${grid}`,
    ...series.map((color, i) => `--plot-series-${i}:${color}`),
    ...heat.map((color, i) => `--plot-heat-${i}:${color}`),
  ];
  return declarations.join(";");
}

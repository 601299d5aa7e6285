/**
 * Histograms as lines over one axis, with a table of numbers: the shape of the three distribution plots.
 */

import { densityOf, type HistogramData } from "../histogramData.ts";
import { type Selection, select } from "../selection.ts";
import { extent } from "./axis.ts";
import { drawChart } from "./chart.ts";
import { figure, type PlotOptions } from "./figure.ts";
import { legendTable } from "./legend.ts";

/** One line: what the three plots have in common. */
export interface Distribution {
  label: string;
  /** null where a NaN or an infinity leaves nothing to count: then a note says so. */
  histogram: HistogramData | null;
}

/** Words and numbers of one kind of distribution plot. */
export interface DistributionWords<T> {
  caller: string;
  title: string;
  /** What is counted, such as `activation`. */
  axis: string;
  headings: readonly string[];
  values(item: T): string[];
  /** A sentence that says what to look for. */
  lookFor: string;
}

/** Draws the distributions. */
export function distributionPlot<T extends Distribution>(
  items: readonly T[],
  options: PlotOptions & Selection,
  words: DistributionWords<T>,
): string {
  const { caller, title, axis, headings, values, lookFor } = words;
  const { shown, note } = select(items, options, caller);
  return figure(caller, options, (layout) => {
    const lines = shown.flatMap(({ label, histogram }, style) => {
      return histogram === null ? [] : [{ label, style, ...densityOf(histogram, caller, label) }];
    });
    const edges = shown.flatMap(({ histogram }) => (histogram === null ? [] : [histogram.edges]));
    // The outer edges, not the middles of the outer bins, so that -1 and 1 have their ticks.
    const domain = extent(edges);
    const { block, notes } = drawChart(layout, {
      x: { label: axis, ...(domain && { domain }) },
      y: { label: "density (each line has area 1)" },
      lines,
    });
    const entries = shown.map((item, style) => ({ label: item.label, style, values: values(item) }));
    const numbers = entries.map(({ label, values }) => {
      return `${label}: ${values.map((value, i) => `${headings[i]} ${value}`).join(", ")}`;
    });
    const lost = shown.filter(({ histogram }) => histogram === null).map(({ label }) => label);
    return {
      title,
      description: `${title}, one density for each of ${shown.length}. ${numbers.join("; ")}.`,
      blocks: [block, legendTable(layout, headings, entries)],
      notes: [
        ...notes,
        lost.length === 0 ? "" : `× Not drawn, for they hold NaN or infinities: ${lost.join(", ")}.`,
        note,
        lookFor,
      ],
    };
  });
}

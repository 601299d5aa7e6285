/**
 * Histograms as lines over one axis, with a table of numbers: the shape of the three distribution plots.
 */

import { densityOf, type Histogram } from "../histogram.ts";
import { type Selection, select } from "../selection.ts";
import { drawChart } from "./chart.ts";
import { figure, type PlotOptions } from "./figure.ts";
import { legendTable } from "./legend.ts";

/** One line: what the three plots have in common. */
export interface Distribution {
  label: string;
  histogram: Histogram;
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
    const lines = shown.map((item, style) => {
      return { label: item.label, style, ...densityOf(item.histogram, caller, item.label) };
    });
    const { block, notes } = drawChart(layout, {
      // The outer edges, not the middles of the outer bins, so that -1 and 1 have their ticks.
      x: { label: axis, domain: [Math.min(...shown.map(firstEdge)), Math.max(...shown.map(lastEdge))] },
      y: { label: "density (each line has area 1)" },
      lines,
    });
    const entries = lines.map(({ label, style }, i) => ({ label, style, values: values(shown[i]) }));
    const numbers = entries.map(({ label, values }) => {
      return `${label}: ${values.map((value, i) => `${headings[i]} ${value}`).join(", ")}`;
    });
    return {
      title,
      description: `${title}, one density for each of ${shown.length}. ${numbers.join("; ")}.`,
      blocks: [block, legendTable(layout, headings, entries)],
      notes: [...notes, note, lookFor],
    };
  });
}

function firstEdge({ histogram: { edges } }: Distribution): number {
  return edges[0];
}

function lastEdge({ histogram: { edges } }: Distribution): number {
  return edges[edges.length - 1];
}

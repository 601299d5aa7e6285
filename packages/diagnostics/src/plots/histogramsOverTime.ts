/**
 * How a distribution moves while the network learns: steps across, values up, colour for how many.
 */

import { layAxis } from "./drawing/axis.ts";
import { drawAxes } from "./drawing/axes.ts";
import { colorScale, drawCells, outline } from "./drawing/cells.ts";
import { figure, type PlotOptions } from "./drawing/figure.ts";
import { formatCount, formatNumber } from "./drawing/number.ts";
import { join } from "./drawing/svg.ts";
import { textWidth } from "./drawing/text.ts";
import { checkHistogram, type HistogramData, totalOf } from "./histogramData.ts";

/** What {@link histogramsOverTime} draws. */
export interface HistogramsOverTimeData {
  /** The step of each histogram, rising. */
  steps: ArrayLike<number>;
  /** Their bins may differ. */
  histograms: readonly HistogramData[];
  /** What is counted, such as `blocks.0.mlp activation`. */
  label: string;
}

const mostRows = 48;
const mostColumns = 160;

/**
 * Draws each histogram as a column of cells. A cell's colour grows with the square root of the share of values in it,
 * so that thin tails are seen. Neighbouring histograms are added up where there are more than 160 or steps lie close.
 *
 * @throws RangeError if there is no histogram, or steps do not rise or are not one for each histogram.
 */
export function histogramsOverTime(data: HistogramsOverTimeData, options: PlotOptions = {}): string {
  const { steps, histograms, label } = data;
  const caller = "histogramsOverTime";
  if (histograms.length === 0 || steps.length !== histograms.length) {
    const got = `${steps.length} steps and ${histograms.length} histograms`;
    throw new RangeError(`${caller}: expected a step for each of at least one histogram, got ${got}`);
  }
  for (let i = 0; i < steps.length; i++) {
    checkHistogram(histograms[i], caller, `step ${steps[i]}`);
    if (!Number.isFinite(steps[i]) || steps[i] <= (steps[i - 1] ?? -Infinity)) {
      throw new RangeError(`${caller}: expected finite, rising steps, got ${steps[i]} after ${steps[i - 1]}`);
    }
  }
  const low = Math.min(...histograms.map(({ edges }) => edges[0]));
  const high = Math.max(...histograms.map(({ edges }) => edges[edges.length - 1]));
  const rows = Math.min(mostRows, Math.max(...histograms.map(({ counts }) => counts.length)));
  const columns = Math.min(mostColumns, histograms.length);
  // Columns stand at equal distances of steps; one that no histogram falls into shows the one before.
  const step = columns === 1 ? 1 : (steps[steps.length - 1] - steps[0]) / (columns - 1);
  const columnOf = (i: number) => Math.round((steps[i] - steps[0]) / step);
  let next = 0;
  const shares = Array.from({ length: columns }, (_, column) => {
    const first = next;
    while (next < histograms.length && columnOf(next) <= column) next++;
    return rebin(histograms.slice(Math.min(first, next - 1), next), low, high, rows);
  });
  const greatest = Math.max(...shares.map((column) => Math.max(...column)));

  return figure(caller, options, (layout) => {
    const height = layout.narrow ? 220 : 300;
    const [top, bottom] = [26, 26 + height];
    const yAxis = { label: "value", domain: [low, high] as const };
    const y = layAxis(yAxis, undefined, [bottom, top], { count: Math.floor(height / 48), nice: false });
    const left = Math.ceil(Math.max(...y.ticks.map(({ text }) => textWidth(text ?? "", 11)))) + 9;
    const right = layout.width - 10;
    const xAxis = { label: "step", domain: [steps[0] - step / 2, steps[steps.length - 1] + step / 2] as const };
    const x = layAxis(xAxis, undefined, [left, right], {
      count: Math.max(2, Math.floor((right - left) / 90)),
      nice: false,
    });
    const area = { x: left, y: top, width: right - left, height };
    const cells = drawCells(
      {
        rows,
        columns,
        share: (row, column) => (greatest === 0 ? 0 : Math.sqrt(shares[column][rows - 1 - row] / greatest)),
      },
      area,
    );
    return {
      title: `${label} over time`,
      description:
        `${formatCount(histograms.length, "histogram")} of ${label}, steps ${formatNumber(steps[0])} to ` +
        `${formatNumber(steps[steps.length - 1])}, values from ${formatNumber(low)} to ${formatNumber(high)}.`,
      blocks: [
        {
          height: bottom + 38,
          markup: join([
            drawAxes({ left, right, top, bottom, width: layout.width }, { x, y }, { x: xAxis, y: yAxis }),
            cells,
            outline(area),
          ]),
        },
        colorScale(
          layout,
          "share of the values, % (colour by its square root)",
          (share) => 100 * share * share * greatest,
        ),
      ],
      notes: [columns < histograms.length ? `${histograms.length} histograms are drawn in ${columns} columns.` : ""],
    };
  });
}

/** The share of values in each of `rows` equal bins; a bin's values are taken to be spread evenly over it. */
function rebin(histograms: readonly HistogramData[], low: number, high: number, rows: number): Float64Array {
  const shares = new Float64Array(rows);
  const step = (high - low) / rows;
  const total = histograms.reduce((sum, histogram) => sum + totalOf(histogram), 0);
  if (total === 0) return shares;
  for (const { edges, counts } of histograms) {
    for (let bin = 0; bin < counts.length; bin++) {
      const [start, end] = [(edges[bin] - low) / step, (edges[bin + 1] - low) / step];
      for (let row = Math.max(Math.floor(start), 0); row < Math.min(Math.ceil(end), rows); row++) {
        const overlap = Math.min(end, row + 1) - Math.max(start, row);
        if (overlap > 0) shares[row] += (counts[bin] * overlap) / (end - start) / total;
      }
    }
  }
  return shares;
}

/**
 * A learning-rate search on a terminal: the smooth loss as a line of blocks over the rates, with a mark at the suggestion.
 */

import { sparkline } from "@llm-learning/diagnostics";
import type { LearningRateSearch } from "./findLearningRate.ts";

/** Columns of the chart. */
const WIDTH = 60;

/** Three lines: the loss, the marks beneath, the rates at both ends. */
export function terminalChart({ rates, smooth, suggested }: LearningRateSearch): string {
  const width = Math.min(WIDTH, rates.length);
  const low = Math.min(...smooth);
  // Where it diverges the loss grows without limit, and all else would be flat beside it.
  const high = Math.min(Math.max(...smooth), smooth[0] + (smooth[0] - low) / 4 + 0.1);
  const column = suggested === undefined ? -1 : Math.floor((rates.indexOf(suggested) * width) / rates.length);
  const [first, last] = [formatRate(rates[0]), formatRate(rates[rates.length - 1])];
  return [
    `  loss ${sparkline(smooth, { width, min: low, max: high })}  ${low.toFixed(2)} to ${high.toFixed(2)}`,
    ...(column < 0 ? [] : [`       ${" ".repeat(column)}▲ ${formatRate(suggested as number)}`]),
    `  rate ${first}${" ".repeat(Math.max(1, width - first.length - last.length))}${last}`,
  ].join("\n");
}

/** A learning rate as people write it: `3.2e-4`, `0.01`. */
export function formatRate(rate: number): string {
  const text = String(Number(rate.toPrecision(2)));
  return rate >= 0.01 ? text : rate.toExponential(1).replace(".0e", "e");
}

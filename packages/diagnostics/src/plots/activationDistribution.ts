/**
 * How the outputs of each layer are spread: the first of the lectures' four plots.
 */

import { type Distribution, distributionPlot } from "./drawing/distribution.ts";
import type { PlotOptions } from "./drawing/figure.ts";
import { formatNumber, formatPercent } from "./drawing/number.ts";
import type { Selection } from "./selection.ts";

/** The outputs of one layer. */
export interface ActivationSummary extends Distribution {
  mean: number;
  std: number;
  /** Share of saturated units, 0 to 1; for tanh those with `abs(h) > 0.97`. */
  saturated?: number;
}

/**
 * Draws the density of each layer's outputs as a line, with mean, standard deviation and share of saturated units.
 *
 * @throws RangeError if there is no layer, or a histogram's edges and counts do not fit.
 */
export function activationDistribution(
  layers: readonly ActivationSummary[],
  options: PlotOptions & Selection = {},
): string {
  const hasSaturated = layers.some(({ saturated }) => saturated !== undefined);
  return distributionPlot(layers, options, {
    caller: "activationDistribution",
    title: "Activation distribution",
    axis: "activation",
    headings: ["mean", "std", ...(hasSaturated ? ["saturated"] : [])],
    values: ({ mean, std, saturated }) => [
      formatNumber(mean, 3),
      formatNumber(std, 3),
      ...(hasSaturated ? [saturated === undefined ? "–" : formatPercent(saturated)] : []),
    ],
    lookFor: "Healthy: layers alike, neither shrinking to 0 nor piled up at the ends.",
  });
}

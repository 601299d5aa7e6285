/**
 * How the gradients of each layer's outputs are spread: the second of the lectures' four plots.
 */

import { type Distribution, distributionPlot } from "./drawing/distribution.ts";
import type { PlotOptions } from "./drawing/figure.ts";
import { formatNumber } from "./drawing/number.ts";
import type { Selection } from "./selection.ts";

/** The gradient of the loss with respect to the outputs of one layer. */
export interface GradientSummary extends Distribution {
  mean: number;
  std: number;
}

/**
 * Draws the density of each layer's output gradients as a line, with mean and standard deviation.
 *
 * @throws RangeError if there is no layer, or a histogram's edges and counts do not fit.
 */
export function gradientDistribution(
  layers: readonly GradientSummary[],
  options: PlotOptions & Selection = {},
): string {
  return distributionPlot(layers, options, {
    caller: "gradientDistribution",
    title: "Gradient distribution",
    axis: "gradient of the layer's output",
    headings: ["mean", "std"],
    values: ({ mean, std }) => [formatNumber(mean, 3), formatNumber(std, 3)],
    lookFor: "Healthy: layers alike. Widths that shrink or grow with depth are vanishing or exploding gradients.",
  });
}

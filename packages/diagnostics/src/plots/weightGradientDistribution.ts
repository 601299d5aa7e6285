/**
 * How the gradients of the weights are spread: the third of the lectures' four plots.
 */

import { type Distribution, distributionPlot } from "./drawing/distribution.ts";
import type { PlotOptions } from "./drawing/figure.ts";
import { formatNumber } from "./drawing/number.ts";
import type { Selection } from "./selection.ts";

/** The gradient of one parameter. */
export interface WeightGradientSummary extends Distribution {
  mean: number;
  std: number;
  /** `std(grad) / std(data)` */
  gradientToData: number;
}

/**
 * Draws the density of each parameter's gradients as a line, with mean, standard deviation and grad:data. The lectures
 * show the parameters with two dimensions: biases and gains tell little.
 *
 * @throws RangeError if there is no parameter, or a histogram's edges and counts do not fit.
 */
export function weightGradientDistribution(
  parameters: readonly WeightGradientSummary[],
  options: PlotOptions & Selection = {},
): string {
  return distributionPlot(parameters, options, {
    caller: "weightGradientDistribution",
    title: "Weight gradient distribution",
    axis: "gradient of the weight",
    headings: ["mean", "std", "grad:data"],
    values: ({ mean, std, gradientToData }) => [mean, std, gradientToData].map((value) => formatNumber(value, 3)),
    lookFor: "grad:data is std(grad) / std(data). One far above the others will be trained that much faster.",
  });
}

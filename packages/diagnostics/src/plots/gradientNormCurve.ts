/**
 * The length of the whole gradient along a run.
 */

import { type Curve, defaultWindow, meanOfEach, stepsOf } from "./curve.ts";
import { drawChart, type Line } from "./drawing/chart.ts";
import { figure, type PlotOptions } from "./drawing/figure.ts";
import { legendFlow } from "./drawing/legend.ts";
import { formatNumber } from "./drawing/number.ts";

/** Options of {@link gradientNormCurve}. */
export interface GradientNormOptions extends PlotOptions {
  /** The norm that gradients are clipped to. @defaultValue no line */
  clip?: number;
  /** Steps whose mean is drawn over the single ones; 1 for none. @defaultValue 1000, or 100, 10 or 1 where a run is short */
  window?: number;
}

/**
 * Draws the global gradient norm, `sqrt(sum of squares of all gradients)` before clipping, on a logarithmic axis.
 *
 * @throws RangeError if the curve is empty, steps and values differ in number, or `clip` is not above 0.
 */
export function gradientNormCurve(curve: Curve, options: GradientNormOptions = {}): string {
  const steps = stepsOf(curve, "gradientNormCurve");
  const { clip, window = defaultWindow(steps) } = options;
  if (clip !== undefined && !(clip > 0 && clip < Infinity)) {
    throw new RangeError(`gradientNormCurve: expected a norm above 0 to clip to, got ${clip}`);
  }
  return figure("gradientNormCurve", options, (layout) => {
    const lines: Line[] = [{ label: "gradient norm", ...steps, style: 0, faint: window > 1 }];
    if (window > 1) {
      lines.push({ label: `mean of ${formatNumber(window)} steps`, ...meanOfEach(window, steps), style: 0 });
    }
    const { block, notes } = drawChart(layout, {
      x: { label: "step" },
      y: { label: "gradient norm", type: "log" },
      lines,
      rules: clip === undefined ? [] : [{ axis: "y", at: clip, label: `clipped to ${formatNumber(clip)}` }],
    });
    return {
      title: "Gradient norm",
      description: `Global gradient norm over ${formatNumber(steps.x.length)} logged steps.`,
      blocks: [legendFlow(layout, lines), block],
      notes,
    };
  });
}

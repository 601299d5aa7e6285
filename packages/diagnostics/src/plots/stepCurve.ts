/**
 * Any number along a run that has no plot of its own: tokens per second, the size of a batch, a temperature.
 */

import { type Curve, stepsOf } from "./curve.ts";
import { drawChart } from "./drawing/chart.ts";
import { figure, type PlotOptions } from "./drawing/figure.ts";
import { formatNumber } from "./drawing/number.ts";

/** Options of {@link stepCurve}. */
export interface StepCurveOptions extends PlotOptions {
  /** What is measured, with its unit, such as `tokens per second`. */
  label: string;
}

/**
 * Draws a number of each step, from 0.
 *
 * @throws RangeError if the curve is empty or steps and values differ in number.
 */
export function stepCurve(curve: Curve, options: StepCurveOptions): string {
  const steps = stepsOf(curve, "stepCurve");
  const { label } = options;
  return figure("stepCurve", options, (layout) => {
    const { block, notes } = drawChart(layout, {
      x: { label: "step" },
      y: { label },
      lines: [{ label, ...steps, style: 0 }],
      floor: 0,
      height: layout.narrow ? 180 : 220,
    });
    const last = formatNumber(steps.y[steps.y.length - 1]);
    return {
      title: `${label.slice(0, 1).toUpperCase()}${label.slice(1)}`,
      description: `${label} over ${formatNumber(steps.x.length)} logged steps, ${last} at the end.`,
      blocks: [block],
      notes,
    };
  });
}

/**
 * The learning rate along a run: warm-up, decay, restarts.
 */

import { type Curve, stepsOf } from "./curve.ts";
import { drawChart } from "./drawing/chart.ts";
import { figure, type PlotOptions } from "./drawing/figure.ts";
import { formatNumber } from "./drawing/number.ts";

/**
 * Draws the learning rate of each step, from 0.
 *
 * @throws RangeError if the curve is empty or steps and values differ in number.
 */
export function learningRateSchedule(curve: Curve, options: PlotOptions = {}): string {
  const steps = stepsOf(curve, "learningRateSchedule");
  return figure("learningRateSchedule", options, (layout) => {
    const { block, notes } = drawChart(layout, {
      x: { label: "step" },
      y: { label: "learning rate" },
      lines: [{ label: "learning rate", ...steps, style: 0 }],
      // From 0, a fall to a tenth looks like one.
      floor: 0,
      height: layout.narrow ? 180 : 220,
    });
    const peak = Array.from(steps.y).reduce((high, value) => Math.max(high, value));
    return {
      title: "Learning rate",
      description: `Learning rate over ${formatNumber(steps.x.length)} steps, ${formatNumber(peak)} at its highest.`,
      blocks: [block],
      notes,
    };
  });
}

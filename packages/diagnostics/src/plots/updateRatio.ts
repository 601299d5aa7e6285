/**
 * How far each step moves each weight: the fourth of the lectures' four plots.
 */

import { type Curve, defaultWindow, map, meanOfEach, stepsOf } from "./curve.ts";
import { drawChart, type Line } from "./drawing/chart.ts";
import { figure, type PlotOptions } from "./drawing/figure.ts";
import { legendTable } from "./drawing/legend.ts";
import { formatNumber } from "./drawing/number.ts";
import { type Selection, select } from "./selection.ts";

/** The updates of one parameter along a run. */
export interface UpdateRatioCurve extends Curve {
  label: string;
  /** `std(update) / std(data)` of each step, where the update of plain SGD is `lr * grad`; not its logarithm. */
  values: ArrayLike<number>;
}

/** Options of {@link updateRatio}. */
export interface UpdateRatioOptions extends PlotOptions, Selection {
  /** Steps whose mean is drawn over the single ones; 1 for none. @defaultValue 1000, or 100, 10 or 1 where a run is short */
  window?: number;
}

/**
 * Draws `log10(std(update) / std(data))` per step and parameter, with a line at -3: an update of a thousandth.
 *
 * A ratio of 0 (the parameter did not move) has no logarithm and is marked.
 *
 * @throws RangeError if there is no parameter, a curve is empty, or steps and values differ in number.
 */
export function updateRatio(parameters: readonly UpdateRatioCurve[], options: UpdateRatioOptions = {}): string {
  const { shown, note } = select(parameters, options, "updateRatio");
  const curves = shown.map((curve) => {
    const { x, y } = stepsOf(curve, "updateRatio");
    return { label: curve.label, x, y: map(y, Math.log10) };
  });
  const { window = defaultWindow(curves[0]) } = options;
  if (!(window >= 1)) throw new RangeError(`updateRatio: expected a window of at least 1 step, got ${window}`);

  return figure("updateRatio", options, (layout) => {
    const single = curves.map((curve, style): Line => ({ ...curve, style, faint: window > 1 }));
    const means = curves.map(({ label, ...curve }, style): Line => ({ label, ...meanOfEach(window, curve), style }));
    const { block, notes } = drawChart(layout, {
      x: { label: "step" },
      y: { label: "log10 of update:data" },
      lines: window > 1 ? [...single, ...means] : single,
      rules: [{ axis: "y", at: -3, label: "−3" }],
    });
    const entries = curves.map(({ label, y }, style) => ({ label, style, values: [formatNumber(y[y.length - 1], 3)] }));
    return {
      title: "Update : data",
      description:
        "log10 of std(update) / std(data) per step, with a line at −3. At the end: " +
        `${entries.map(({ label, values: [last] }) => `${label} ${last}`).join(", ")}.`,
      blocks: [block, legendTable(layout, ["last"], entries)],
      notes: [
        ...(window > 1 ? notes.filter((text) => text.startsWith("×")).slice(0, 4) : notes.slice(0, 4)),
        note,
        "Healthy: about −3. Far below, the weights hardly move; above −2, they are thrown about.",
      ],
    };
  });
}

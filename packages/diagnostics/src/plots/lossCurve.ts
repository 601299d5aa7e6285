/**
 * The loss along a run: log10 of each step's loss, the mean of each 1000 steps, and the loss on held-out text.
 */

import { type Curve, defaultWindow, map, meanOfEach, stepsOf } from "./curve.ts";
import { drawChart, type Line } from "./drawing/chart.ts";
import { figure, type PlotOptions } from "./drawing/figure.ts";
import { legendFlow } from "./drawing/legend.ts";
import { formatNumber } from "./drawing/number.ts";
import type { Rule } from "./drawing/rules.ts";

/** What {@link lossCurve} draws. */
export interface LossCurveData {
  /** Training loss in nats, of each step or of the logged ones. */
  train: Curve;
  /** Loss in nats on held-out text. */
  validation?: Curve;
  /** Loss in nats on text that is trained on, measured as the validation loss is: without dropout, on as many batches. */
  trainEvaluated?: Curve;
  /** Losses in nats to be compared with, each a line across: that of an n-gram model, of guessing. */
  baselines?: readonly { label: string; loss: number }[];
  /** Steps worth a line, such as those of warnings. */
  marks?: readonly { label: string; step: number }[];
}

/** Options of {@link lossCurve}. */
export interface LossCurveOptions extends PlotOptions {
  /** Steps whose mean is drawn; 1 for none. @defaultValue 1000, or 100, 10 or 1 where a run is short */
  window?: number;
  /** `log10` shows late progress; `linear` shows nats. @defaultValue "log10" */
  scale?: "log10" | "linear";
}

/**
 * Draws `log10(loss)` per step as a thin line, the mean of each `window` steps over it, and the validation loss with
 * dots. The axis at the right gives the loss itself. The mean is that of the logarithms, as in the lectures. A baseline that
 * is infinite is told in a note.
 *
 * @throws RangeError if a curve is empty, steps and values differ in number, or `window` is not at least 1.
 *
 * @example
 * ```ts
 * const svg = lossCurve({ train: { values: [3.3, 2.9, 2.6] } });
 * ```
 */
export function lossCurve(data: LossCurveData, options: LossCurveOptions = {}): string {
  const train = stepsOf(data.train, "lossCurve");
  const validation = data.validation === undefined ? undefined : stepsOf(data.validation, "lossCurve");
  const evaluated = data.trainEvaluated === undefined ? undefined : stepsOf(data.trainEvaluated, "lossCurve");
  const { baselines = [], marks = [] } = data;
  const { window = defaultWindow(train), scale = "log10" } = options;
  if (!(window >= 1)) throw new RangeError(`lossCurve: expected a window of at least 1 step, got ${window}`);
  const logarithmic = scale === "log10";
  const shown = (values: ArrayLike<number>) => (logarithmic ? map(values, Math.log10) : values);

  // The loss of unsmoothed counts is infinite, and a run that has gone wrong has no best step: they have no place.
  const placed = baselines.filter(({ loss }) => Number.isFinite(shown([loss])[0]));
  const lost = baselines.filter((baseline) => !placed.includes(baseline));
  const rules: Rule[] = [
    ...placed.map(({ label, loss }): Rule => {
      return { axis: "y", at: shown([loss])[0], label: `${label} ${formatNumber(loss)}` };
    }),
    ...marks
      .filter(({ step }) => Number.isFinite(step))
      .map(({ label, step }): Rule => ({ axis: "x", at: step, label })),
  ];
  return figure("lossCurve", options, (layout) => {
    const raw = { x: train.x, y: shown(train.y) };
    const lines: Line[] = [{ label: "train", ...raw, style: 0, faint: window > 1 }];
    if (window > 1)
      lines.push({ label: `train, mean of ${formatNumber(window)} steps`, ...meanOfEach(window, raw), style: 0 });
    if (validation !== undefined) {
      lines.push({ label: "validation", x: validation.x, y: shown(validation.y), style: 1, dots: true });
    }
    if (evaluated !== undefined) {
      lines.push({ label: "train, evaluated", x: evaluated.x, y: shown(evaluated.y), style: 2, dots: true });
    }
    const { block, notes } = drawChart(layout, {
      x: { label: "step" },
      y: { label: logarithmic ? "log10 of the loss" : "loss, nats" },
      ...(logarithmic && { right: { label: "loss, nats", format: (log: number) => formatNumber(10 ** log, 3) } }),
      lines,
      rules,
    });
    const last = (values: ArrayLike<number>) => formatNumber(values[values.length - 1]);
    const ends = [`train ends at ${last(train.y)} nats`];
    if (validation !== undefined) ends.push(`validation at ${last(validation.y)}`);
    return {
      title: "Loss",
      description: `Loss over ${formatNumber(train.x.length)} logged steps; ${ends.join(", ")}.`,
      blocks: [legendFlow(layout, lines), block],
      notes: [...notes, ...lost.map(({ label, loss }) => `${label} has no place here: ${formatNumber(loss)} nats.`)],
    };
  });
}

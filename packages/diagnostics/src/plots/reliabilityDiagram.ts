/**
 * Whether a model is as often right as it is sure: its accuracy against its confidence (Guo et al. 2017, "On Calibration of
 * Modern Neural Networks", https://arxiv.org/abs/1706.04599).
 */

import { drawChart } from "./drawing/chart.ts";
import { figure, type PlotOptions } from "./drawing/figure.ts";
import { legendFlow } from "./drawing/legend.ts";
import { formatCount, formatPercent } from "./drawing/number.ts";

/** What {@link reliabilityDiagram} draws. */
export interface PredictionData {
  /** Probability that the model gave to what it held most likely, of each prediction, 0 to 1. */
  confidence: ArrayLike<number>;
  /** Whether that was right: 1 or true, 0 or false. */
  correct: ArrayLike<number | boolean>;
}

/** Options of {@link reliabilityDiagram}. */
export interface ReliabilityOptions extends PlotOptions {
  /** Equal parts that confidences are sorted into, 2 to 50. @defaultValue 10 */
  bins?: number;
}

/**
 * Draws the share of right predictions against the mean confidence of each part that holds any, beside the diagonal on
 * which the two are equal; below it a model is too sure of itself. A note gives the expected calibration error,
 * `sum over parts of count / total * abs(accuracy - confidence)`.
 *
 * @throws RangeError if there are no predictions, the numbers of both lists differ, or a confidence is not from 0 to 1.
 */
export function reliabilityDiagram(data: PredictionData, options: ReliabilityOptions = {}): string {
  const { confidence, correct } = data;
  const { bins = 10 } = options;
  const total = confidence.length;
  if (total === 0 || correct.length !== total) {
    const got = `${total} confidences and ${correct.length} outcomes`;
    throw new RangeError(`reliabilityDiagram: expected an outcome for each of at least one prediction, got ${got}`);
  }
  if (!(Number.isInteger(bins) && bins >= 2 && bins <= 50)) {
    throw new RangeError(`reliabilityDiagram: expected 2 to 50 bins, got ${bins}`);
  }
  const parts = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, correct: 0 }));
  for (let i = 0; i < total; i++) {
    if (!(confidence[i] >= 0 && confidence[i] <= 1)) {
      throw new RangeError(`reliabilityDiagram: expected confidences from 0 to 1, got ${confidence[i]}`);
    }
    const part = parts[Math.min(Math.floor(confidence[i] * bins), bins - 1)];
    part.count++;
    part.confidence += confidence[i];
    part.correct += Number(correct[i]);
  }
  const filled = parts.filter(({ count }) => count > 0);
  const x = filled.map((part) => part.confidence / part.count);
  const y = filled.map((part) => part.correct / part.count);
  const error = filled.reduce((sum, { count }, i) => sum + (count / total) * Math.abs(y[i] - x[i]), 0);

  return figure("reliabilityDiagram", options, (layout) => {
    const lines = [
      { label: "as sure as right", x: [0, 1], y: [0, 1], style: 1 },
      { label: "model", x, y, style: 0, dots: true },
    ];
    const { block, notes } = drawChart(layout, {
      x: { label: "confidence", domain: [0, 1] },
      y: { label: "share of right predictions", domain: [0, 1] },
      lines,
      height: Math.min(layout.width * 0.75, 380),
    });
    const summary = `Expected calibration error ${formatPercent(error)} over ${formatCount(total, "prediction")}.`;
    return {
      title: "Reliability",
      description: `Accuracy against confidence in ${bins} parts.`,
      blocks: [legendFlow(layout, lines), block],
      notes: [summary, ...notes],
    };
  });
}

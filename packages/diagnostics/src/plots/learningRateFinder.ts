/**
 * The loss against the learning rate of a sweep, to choose one before the loss turns upwards (Smith 2015,
 * https://arxiv.org/abs/1506.01186).
 */

import { drawChart, type Line } from "./drawing/chart.ts";
import { figure, type PlotOptions } from "./drawing/figure.ts";
import { legendFlow } from "./drawing/legend.ts";
import { formatCount, formatNumber } from "./drawing/number.ts";

/** What {@link learningRateFinder} draws. */
export interface LearningRateSweep {
  /** Positive, such as `10 ** linspace(-3, 0, 1000)`. */
  learningRates: ArrayLike<number>;
  /** Loss in nats of the step taken with each rate. */
  losses: ArrayLike<number>;
  /** The losses smoothed. @defaultValue the mean of each 5 % of the sweep around a loss, from 100 losses on */
  smoothed?: ArrayLike<number>;
  /** The rate to take. */
  suggested?: number;
}

/**
 * Draws the loss against the learning rate on a logarithmic axis, with the suggested rate marked.
 *
 * A sweep ends where the loss explodes. The axis reaches as far above the first loss as the least lies below it; what
 * is higher is drawn at the upper edge and counted in a note.
 *
 * @throws RangeError if there are no losses, they and the learning rates differ in number, or a rate is not above 0.
 */
export function learningRateFinder(sweep: LearningRateSweep, options: PlotOptions = {}): string {
  const { learningRates, losses, suggested } = sweep;
  const smoothed = sweep.smoothed ?? (losses.length >= 100 ? runningMean(losses, losses.length / 40) : undefined);
  for (const values of [losses, smoothed ?? losses]) {
    if (values.length === 0 || values.length !== learningRates.length) {
      const got = `${learningRates.length} rates and ${values.length} losses`;
      throw new RangeError(`learningRateFinder: expected a loss for each of at least one learning rate, got ${got}`);
    }
  }
  for (const rate of [...Array.from(learningRates), suggested ?? 1]) {
    if (!(rate > 0 && rate < Infinity)) {
      throw new RangeError(`learningRateFinder: expected learning rates above 0, got ${rate}`);
    }
  }
  const finite = Array.from(losses).filter((loss) => Number.isFinite(loss));
  const least = finite.reduce((low, loss) => Math.min(low, loss), Infinity);
  const greatest = finite.reduce((high, loss) => Math.max(high, loss), -Infinity);
  const ceiling = finite.length === 0 ? 1 : Math.min(greatest, 2 * finite[0] - least || greatest);
  const cut = finite.filter((loss) => loss > ceiling).length;

  return figure("learningRateFinder", options, (layout) => {
    const faint = smoothed !== undefined;
    const lines: Line[] = [{ label: "loss", x: learningRates, y: losses, style: 0, faint }];
    if (smoothed !== undefined) lines.push({ label: "smoothed", x: learningRates, y: smoothed, style: 0 });
    const { block, notes } = drawChart(layout, {
      x: { label: "learning rate", type: "log" },
      y: { label: "loss, nats", ...(least < ceiling && { domain: [least, ceiling] }) },
      lines,
      rules:
        suggested === undefined ? [] : [{ axis: "x", at: suggested, label: `suggested ${formatNumber(suggested, 3)}` }],
    });
    return {
      title: "Learning rate finder",
      description:
        `Loss against the learning rate, from ${formatNumber(learningRates[0], 3)} to ` +
        `${formatNumber(learningRates[learningRates.length - 1], 3)}` +
        `${suggested === undefined ? "" : `; suggested ${formatNumber(suggested, 3)}`}.`,
      blocks: faint ? [legendFlow(layout, lines), block] : [block],
      notes: [
        cut === 0
          ? ""
          : `${formatCount(cut, "loss lies", "losses lie")} above the upper edge, ${formatNumber(ceiling)}.`,
        ...notes,
      ],
    };
  });
}

/** The mean of the finite losses at most `reach` places away. */
function runningMean(losses: ArrayLike<number>, reach: number): Float64Array {
  const sums = new Float64Array(losses.length + 1);
  const counts = new Float64Array(losses.length + 1);
  for (let i = 0; i < losses.length; i++) {
    const finite = Number.isFinite(losses[i]);
    sums[i + 1] = sums[i] + (finite ? losses[i] : 0);
    counts[i + 1] = counts[i] + (finite ? 1 : 0);
  }
  return Float64Array.from(losses, (_, i) => {
    const [start, end] = [Math.max(Math.ceil(i - reach), 0), Math.min(Math.floor(i + reach) + 1, losses.length)];
    return (sums[end] - sums[start]) / (counts[end] - counts[start]);
  });
}

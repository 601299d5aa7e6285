/**
 * How attention changed while a run went on: how widely its heads listen, and how large its scores grow. From the watched steps, of
 * models that have attention.
 */

import { type StatisticsLine, stepCurve } from "@llm-learning/diagnostics";
import type { Figure } from "../page/figure.ts";
import type { Series } from "./runHistory.ts";

/** The figures that there are values for. */
export function attentionFigures(statistics: readonly StatisticsLine[]): Figure[] {
  const entropy = seriesOf(statistics, ({ entropy: heads }) => heads, mean);
  const logit = seriesOf(statistics, ({ largestLogit }) => [largestLogit], largest);
  const figures: (Figure | false)[] = [
    entropy.steps.length > 0 && {
      name: "attention-entropy",
      draw: (width) => stepCurve(entropy, { width, label: "entropy in nats", title: "Attention entropy" }),
      caption:
        "How widely the heads listen, on average: 0 where every token listens to one other, ln n where it listens to n others alike. A fall to 0 early in training is a sign that scores grow without bound.",
    },
    logit.steps.length > 0 && {
      name: "largest-attention-logit",
      draw: (width) => stepCurve(logit, { width, label: "largest score", title: "Largest attention logit" }),
      caption:
        "The largest scaled score of a query and a key in any layer. A score that keeps growing leaves no gradient for the others: a lower rate, or normalized queries and keys, hold it.",
    },
  ];
  return figures.filter((figure) => figure !== false);
}

type AttentionStatistics = NonNullable<StatisticsLine["records"][number]["attention"]>;

/** A number of each step at which there are values; what is no number in a file is left out. */
function seriesOf(
  statistics: readonly StatisticsLine[],
  valuesOf: (attention: AttentionStatistics) => readonly (number | null)[],
  reduce: (values: readonly number[]) => number,
): Series {
  const series: Series = { steps: [], values: [] };
  for (const { step, records } of statistics) {
    const values = records
      .flatMap(({ attention }) => (attention === null ? [] : valuesOf(attention)))
      .filter((value) => value !== null);
    if (values.length === 0) continue;
    series.steps.push(step);
    series.values.push(reduce(values));
  }
  return series;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

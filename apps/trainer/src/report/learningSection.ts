/**
 * How a run learned: losses, learning rate, gradient norm, speed. All of it is in `metrics.jsonl`, so every run has it.
 */

import {
  gradientNormCurve,
  learningRateSchedule,
  lossCurve,
  type LossCurveData,
  stepCurve,
} from "@llm-learning/diagnostics";
import type { TrainConfig } from "../config/trainConfig.ts";
import type { Figure } from "../page/figure.ts";
import { html } from "../page/html.ts";
import type { RunHistory, Series } from "./runHistory.ts";
import type { Section } from "./section.ts";
import type { ReportWarning } from "./warnings.ts";

export function learningSection(history: RunHistory, config: TrainConfig, warnings: readonly ReportWarning[]): Section {
  const figures = learningFigures(history, config, warnings);
  const lead =
    figures.length > 0
      ? html`<p>
          The training loss is that of single batches and therefore noisy; the validation loss is measured on text that
          the model never trains on. Where the two part, the model learns the text by heart.
        </p>`
      : html`<p>metrics.jsonl has no line yet: train the run, then write the report again.</p>`;
  return { id: "learning", title: "How it learned", lead, figures };
}

/** The figures that the history has values for. */
export function learningFigures(
  history: RunHistory,
  { gradClip }: TrainConfig,
  warnings: readonly ReportWarning[],
): Figure[] {
  const train = history.series("trainLoss");
  if (train.steps.length === 0) return [];
  const norm = history.series("gradNorm");
  // What is wrong from the beginning is no event.
  const marks = warnings.filter(({ step }) => step > 0).map(({ code, step }) => ({ label: code, step }));
  const figures: (Figure | false)[] = [
    { name: "loss", draw: (width) => lossCurve({ train, ...comparisons(history), marks }, { width, scale: "linear" }) },
    has(history.series("learningRate")) && {
      name: "learning-rate",
      draw: (width) => learningRateSchedule(history.series("learningRate"), { width }),
    },
    has(norm) && {
      name: "gradient-norm",
      draw: (width) => gradientNormCurve(norm, { width, ...(gradClip > 0 && { clip: gradClip }) }),
      caption:
        "The length of all gradients together, before clipping. Where it leaps together with the loss, a batch or the rate is to blame.",
    },
    has(history.series("tokensPerSecond")) && {
      name: "speed",
      draw: (width) =>
        stepCurve(history.series("tokensPerSecond"), { width, label: "tokens per second", title: "Speed" }),
    },
  ];
  return figures.filter((figure) => figure !== false);
}

/** What stands beside the training loss. */
function comparisons(history: RunHistory): Omit<LossCurveData, "train"> {
  const validation = history.series("valLoss");
  const trainEvaluated = history.series("evalTrainLoss");
  const { baseline } = history;
  return {
    ...(has(validation) && { validation }),
    ...(has(trainEvaluated) && { trainEvaluated }),
    ...(baseline !== undefined && { baselines: [{ label: baseline.name, loss: baseline.valLoss }] }),
  };
}

function has({ steps }: Series): boolean {
  return steps.length > 0;
}

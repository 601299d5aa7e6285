/**
 * The numbers at the top of a report or dashboard.
 */

import type { TrainConfig } from "../config/trainConfig.ts";
import { formatCount, formatDuration, formatParameters } from "../terminal/format.ts";
import type { Fact } from "./reportPage.ts";
import type { RunHistory } from "./runHistory.ts";

export interface FactSources {
  readonly history: RunHistory;
  readonly config: TrainConfig;
  readonly vocabSize: number;
  readonly parameterCount: number;
}

/** The facts that are known so far. */
export function runFacts({ history, config, vocabSize, parameterCount }: FactSources): Fact[] {
  const { best, baseline } = history;
  const train = history.latest("trainLoss");
  const speed = history.latest("tokensPerSecond");
  const seconds = history.latest("elapsedSeconds");
  const facts: (Fact | undefined)[] = [
    best && [
      "Best validation loss",
      best.valLoss.toFixed(4),
      `at step ${formatCount(best.step)}; perplexity ${formatPerplexity(Math.exp(best.valLoss))} of ${formatCount(vocabSize)}`,
    ],
    baseline && [
      "Counting alone",
      baseline.valLoss.toFixed(4),
      `a ${baseline.name}, ${comparison(best?.valLoss, baseline.valLoss)}`,
    ],
    train === undefined ? undefined : ["Training loss", train.toFixed(4), "nats per token, newest batch"],
    ["Step", formatCount(Math.max(history.step, 0)), `of ${formatCount(config.maxSteps)}`],
    [
      "Parameters",
      formatParameters(parameterCount),
      parameterCount < 1e5 ? "learned numbers" : formatCount(parameterCount),
    ],
    speed === undefined ? undefined : ["Speed", formatCount(speed), "tokens per second"],
    seconds === undefined ? undefined : ["Time", formatDuration(seconds), "training, evaluations included"],
  ];
  return facts.filter((fact) => fact !== undefined);
}

/** How a model does beside counting. */
function comparison(valLoss: number | undefined, counting: number): string {
  if (valLoss === undefined) return "on the same tokens";
  const gap = Math.abs(counting - valLoss).toFixed(4);
  return valLoss < counting ? `${gap} above the model` : `${gap} below the model`;
}

function formatPerplexity(value: number): string {
  return value < 1000 ? value.toFixed(2) : formatCount(value);
}

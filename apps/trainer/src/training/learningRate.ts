/**
 * The learning rate of a configuration at each step.
 */

import { type Schedule, warmupCosine } from "@llm-learning/nn-core";
import type { TrainConfig } from "../config/trainConfig.ts";

/** The schedule: a linear warm-up, then half a cosine down to `minLearningRate`, or `learningRate` for ever. */
export function learningRateSchedule(config: TrainConfig): Schedule {
  const { learningRate, warmupSteps } = config;
  if (config.schedule === "cosine") return warmupCosine(config);
  return (step) => (step < warmupSteps ? (learningRate * (step + 1)) / (warmupSteps + 1) : learningRate);
}

/**
 * The learning rate of a configuration at each step.
 */

import { type Schedule, stepSchedule, warmupCosine } from "@llm-learning/nn-core";
import type { TrainConfig } from "../config/trainConfig.ts";

/**
 * The schedule: a linear warm-up, then half a cosine down to `minLearningRate`, one drop to it, or `learningRate` for ever.
 */
export function learningRateSchedule(config: TrainConfig): Schedule {
  const { learningRate, warmupSteps, schedule } = config;
  if (schedule === "cosine") return warmupCosine(config);
  const after = schedule === "step" ? stepSchedule(config) : (): number => learningRate;
  return (step) => (step < warmupSteps ? (learningRate * (step + 1)) / (warmupSteps + 1) : after(step));
}

/**
 * The learning rate of a configuration at each step.
 */

import {
  type Schedule,
  stepSchedule,
  warmupCosine,
  warmupLinear,
  warmupRate,
  warmupStableDecay,
} from "@llm-learning/nn-core";
import { cooldownSteps } from "../config/optimizationChoices.ts";
import type { TrainConfig } from "../config/trainConfig.ts";

/**
 * The schedule: a linear warm-up, then half a cosine or a line down to `minLearningRate`, one rate with a fall at the end, one drop, or
 * `learningRate` for ever.
 */
export function learningRateSchedule(config: TrainConfig): Schedule {
  const { learningRate, warmupSteps, schedule, cooldownShape: shape = "linear" } = config;
  if (schedule === "cosine") return warmupCosine(config);
  if (schedule === "linear") return warmupLinear(config);
  if (schedule === "wsd") return warmupStableDecay({ ...config, cooldownSteps: cooldownSteps(config), shape });
  const after = schedule === "step" ? stepSchedule(config) : (): number => learningRate;
  return (step) => (step < warmupSteps ? warmupRate(step, config) : after(step));
}

/**
 * Warm-up and half a cosine, the schedule of GPT's training.
 */

import type { Schedule } from "./schedule.ts";
import { checkWarmup, type WarmupOptions, warmupRate } from "./warmup.ts";

/** Rates and lengths, in steps. */
export type WarmupCosineOptions = WarmupOptions;

/**
 * Linear warm-up, then half a cosine down to the lowest rate, as nanoGPT's get_lr:
 *
 *     step < warmupSteps:   learningRate * (step + 1) / (warmupSteps + 1)
 *     step <= decaySteps:   min + (learningRate - min) * (1 + cos(pi * progress)) / 2
 *     after:                min
 *
 * @throws RangeError for options that do not make sense, named in the message.
 */
export function warmupCosine(options: WarmupCosineOptions): Schedule {
  const { learningRate, minLearningRate = learningRate / 10, warmupSteps, decaySteps } = options;
  checkWarmup("warmupCosine", { learningRate, minLearningRate, warmupSteps, decaySteps });
  return (step) => {
    if (step < warmupSteps) return warmupRate(step, options);
    if (step > decaySteps) return minLearningRate;
    const progress = (step - warmupSteps) / (decaySteps - warmupSteps);
    return minLearningRate + ((learningRate - minLearningRate) * (1 + Math.cos(Math.PI * progress))) / 2;
  };
}

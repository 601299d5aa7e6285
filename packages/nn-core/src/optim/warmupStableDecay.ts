/**
 * Warm-up, a long stretch at one rate, and a fall at the end (Hu et al. 2024, MiniCPM, https://arxiv.org/abs/2404.06395); with no
 * stretch between, the linear schedule.
 */

import type { Schedule } from "./schedule.ts";
import { checkWarmup, type WarmupOptions, warmupRate } from "./warmup.ts";

/** How the rate falls. */
export type CooldownShape = "linear" | "cosine" | "sqrt";

/** Rates and lengths, in steps. */
export interface WarmupStableDecayOptions extends WarmupOptions {
  /** Steps of the fall, which ends at `decaySteps`; an integer >= 1, at most `decaySteps - warmupSteps`. */
  cooldownSteps: number;
  /** @defaultValue "linear" */
  shape?: CooldownShape;
}

const shapes: Readonly<Record<CooldownShape, (progress: number) => number>> = {
  linear: (progress) => 1 - progress,
  cosine: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
  sqrt: (progress) => 1 - Math.sqrt(progress),
};

/**
 * The rate stays at its highest between warm-up and fall: a run can be prolonged from before the fall, which no cosine allows.
 *
 *     step < warmupSteps:                 learningRate * (step + 1) / (warmupSteps + 1)
 *     step < decaySteps - cooldownSteps:  learningRate
 *     step <= decaySteps:                 min + (learningRate - min) * shape(progress)
 *     after:                              min
 *
 * `shape` is `1 - progress`, `(1 + cos(pi * progress)) / 2`, or `1 - sqrt(progress)`, the best of Hägele et al. 2024
 * (https://arxiv.org/abs/2405.18392).
 *
 * @throws RangeError for options that do not make sense, named in the message.
 */
export function warmupStableDecay(options: WarmupStableDecayOptions): Schedule {
  const { learningRate, minLearningRate = learningRate / 10, warmupSteps, decaySteps } = options;
  const { cooldownSteps, shape = "linear" } = options;
  checkWarmup("warmupStableDecay", { learningRate, minLearningRate, warmupSteps, decaySteps });
  if (!(Number.isSafeInteger(cooldownSteps) && cooldownSteps >= 1 && cooldownSteps <= decaySteps - warmupSteps)) {
    throw new RangeError(
      `warmupStableDecay: expected an integer cooldownSteps from 1 to decaySteps - warmupSteps = ${decaySteps - warmupSteps}, got ${cooldownSteps}`,
    );
  }
  if (!Object.hasOwn(shapes, shape)) {
    throw new RangeError(
      `warmupStableDecay: expected shape "linear", "cosine" or "sqrt", got ${JSON.stringify(shape)}`,
    );
  }
  const begin = decaySteps - cooldownSteps;
  return (step) => {
    if (step < warmupSteps) return warmupRate(step, options);
    if (step >= decaySteps) return minLearningRate;
    if (step <= begin) return learningRate;
    return minLearningRate + (learningRate - minLearningRate) * shapes[shape]((step - begin) / cooldownSteps);
  };
}

/**
 * Linear warm-up, then a straight line down to the lowest rate at `decaySteps`.
 *
 * @throws RangeError for options that do not make sense, named in the message.
 */
export function warmupLinear(options: WarmupOptions): Schedule {
  const { learningRate, minLearningRate = learningRate / 10, warmupSteps, decaySteps } = options;
  checkWarmup("warmupLinear", { learningRate, minLearningRate, warmupSteps, decaySteps });
  return warmupStableDecay({ ...options, cooldownSteps: decaySteps - warmupSteps });
}

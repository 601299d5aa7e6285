/**
 * Learning-rate schedules: the rate as a function of the step, counted from 0.
 */

/** The learning rate of each step, counted from 0. */
export type Schedule = (step: number) => number;

/** Rates and lengths, in steps. */
export interface WarmupCosineOptions {
  /** The highest rate, reached at the end of the warm-up. */
  learningRate: number;
  /** The lowest rate, reached at `decaySteps` and kept from there. @defaultValue learningRate / 10 */
  minLearningRate?: number;
  /** Steps of linear warm-up, an integer >= 0. */
  warmupSteps: number;
  /** The step at which the cosine ends, greater than `warmupSteps`. */
  decaySteps: number;
}

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
  if (!(learningRate > 0 && minLearningRate >= 0 && minLearningRate <= learningRate)) {
    throw new RangeError(
      `warmupCosine: expected 0 <= minLearningRate <= learningRate and learningRate > 0, got ${minLearningRate} and ${learningRate}`,
    );
  }
  if (!(warmupSteps >= 0 && decaySteps > warmupSteps)) {
    throw new RangeError(`warmupCosine: expected 0 <= warmupSteps < decaySteps, got ${warmupSteps} and ${decaySteps}`);
  }
  return (step) => {
    if (step < warmupSteps) return (learningRate * (step + 1)) / (warmupSteps + 1);
    if (step > decaySteps) return minLearningRate;
    const progress = (step - warmupSteps) / (decaySteps - warmupSteps);
    return minLearningRate + ((learningRate - minLearningRate) * (1 + Math.cos(Math.PI * progress))) / 2;
  };
}

/** The same rate at every step. */
export function constantSchedule(learningRate: number): Schedule {
  if (!(learningRate > 0)) throw new RangeError(`constantSchedule: expected learningRate > 0, got ${learningRate}`);
  return () => learningRate;
}

/** Rates of {@link stepSchedule}. */
export interface StepScheduleOptions {
  /** The rate at first. */
  learningRate: number;
  /** The rate from `decaySteps` on. @defaultValue learningRate / 10 */
  minLearningRate?: number;
  /** The step at which the rate drops, an integer >= 0. */
  decaySteps: number;
}

/**
 * A rate that drops once: `learningRate` before step `decaySteps`, `minLearningRate` from there, as the makemore lectures have it.
 *
 * @throws RangeError for options that do not make sense, named in the message.
 */
export function stepSchedule(options: StepScheduleOptions): Schedule {
  const { learningRate, minLearningRate = learningRate / 10, decaySteps } = options;
  if (!(learningRate > 0 && minLearningRate >= 0 && minLearningRate <= learningRate)) {
    throw new RangeError(
      `stepSchedule: expected 0 <= minLearningRate <= learningRate and learningRate > 0, got ${minLearningRate} and ${learningRate}`,
    );
  }
  if (!(Number.isSafeInteger(decaySteps) && decaySteps >= 0)) {
    throw new RangeError(`stepSchedule: expected decaySteps to be an integer >= 0, got ${decaySteps}`);
  }
  return (step) => (step < decaySteps ? learningRate : minLearningRate);
}

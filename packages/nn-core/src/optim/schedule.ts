/**
 * Learning-rate schedules: the rate as a function of the step, counted from 0.
 */

/** The learning rate of each step, counted from 0. */
export type Schedule = (step: number) => number;

/** The same rate at every step. */
export function constantSchedule(learningRate: number): Schedule {
  if (!(learningRate > 0 && learningRate < Infinity)) {
    throw new RangeError(`constantSchedule: expected a finite learningRate > 0, got ${learningRate}`);
  }
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
  checkRates("stepSchedule", learningRate, minLearningRate);
  if (!(Number.isSafeInteger(decaySteps) && decaySteps >= 0)) {
    throw new RangeError(`stepSchedule: expected decaySteps to be an integer >= 0, got ${decaySteps}`);
  }
  return (step) => (step < decaySteps ? learningRate : minLearningRate);
}

/** @throws RangeError for a rate that is not finite or not above 0, or a lowest one that is below 0 or above it. */
export function checkRates(caller: string, learningRate: number, minLearningRate: number): void {
  if (learningRate > 0 && learningRate < Infinity && minLearningRate >= 0 && minLearningRate <= learningRate) return;
  throw new RangeError(
    `${caller}: expected 0 <= minLearningRate <= learningRate and a finite learningRate > 0, got ${minLearningRate} and ${learningRate}`,
  );
}

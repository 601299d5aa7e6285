/**
 * What schedules with a warm-up share: rates and lengths, their checks, and the warm-up.
 */

import { checkRates } from "./schedule.ts";

/** Rates and lengths, in steps. */
export interface WarmupOptions {
  /** The highest rate, reached at the end of the warm-up. */
  learningRate: number;
  /** The lowest rate, reached at `decaySteps` and kept from there. @defaultValue learningRate / 10 */
  minLearningRate?: number;
  /** Steps of linear warm-up, an integer >= 0. */
  warmupSteps: number;
  /** The step at which the fall ends, an integer greater than `warmupSteps`. */
  decaySteps: number;
}

/** @throws RangeError for options that do not make sense, named in the message. */
export function checkWarmup(
  caller: string,
  { learningRate, minLearningRate, warmupSteps, decaySteps }: Required<WarmupOptions>,
): void {
  checkRates(caller, learningRate, minLearningRate);
  const areIntegers = Number.isSafeInteger(warmupSteps) && Number.isSafeInteger(decaySteps);
  if (!(areIntegers && warmupSteps >= 0 && decaySteps > warmupSteps)) {
    throw new RangeError(
      `${caller}: expected integers 0 <= warmupSteps < decaySteps, got ${warmupSteps} and ${decaySteps}`,
    );
  }
}

/**
 * The rate of a step before `warmupSteps`, `learningRate * (step + 1) / (warmupSteps + 1)`: never 0, since a step of no length is a step
 * wasted.
 */
export function warmupRate(
  step: number,
  { learningRate, warmupSteps }: Pick<WarmupOptions, "learningRate" | "warmupSteps">,
): number {
  return (learningRate * (step + 1)) / (warmupSteps + 1);
}

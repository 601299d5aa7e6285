/**
 * What schedules with a warm-up share: rates and lengths, their checks, and the warm-up.
 */

/** Rates and lengths, in steps. */
export interface WarmupOptions {
  /** The highest rate, reached at the end of the warm-up. */
  learningRate: number;
  /** The lowest rate, reached at `decaySteps` and kept from there. @defaultValue learningRate / 10 */
  minLearningRate?: number;
  /** Steps of linear warm-up, an integer >= 0. */
  warmupSteps: number;
  /** The step at which the fall ends, greater than `warmupSteps`. */
  decaySteps: number;
}

/** @throws RangeError for options that do not make sense, named in the message. */
export function checkWarmup(
  caller: string,
  { learningRate, minLearningRate, ...lengths }: Required<WarmupOptions>,
): void {
  if (!(learningRate > 0 && minLearningRate >= 0 && minLearningRate <= learningRate)) {
    throw new RangeError(
      `${caller}: expected 0 <= minLearningRate <= learningRate and learningRate > 0, got ${minLearningRate} and ${learningRate}`,
    );
  }
  const { warmupSteps, decaySteps } = lengths;
  if (!(warmupSteps >= 0 && decaySteps > warmupSteps)) {
    throw new RangeError(`${caller}: expected 0 <= warmupSteps < decaySteps, got ${warmupSteps} and ${decaySteps}`);
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

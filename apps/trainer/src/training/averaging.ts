/**
 * The average of a run's weights, which takes their place where they are evaluated, exported and sampled from.
 */

import { trainableParameters, WeightAverage, type WeightAverageState } from "@llm-learning/nn-core";
import type { LanguageModel } from "@llm-learning/models";
import type { TrainConfig } from "../config/trainConfig.ts";

export class Averaging {
  readonly #average: WeightAverage;
  /** Steps after which weights count. */
  readonly #start: number;

  private constructor(average: WeightAverage, start: number) {
    this.#average = average;
    this.#start = start;
  }

  /** The average that a configuration asks for, if it does. */
  static of(model: LanguageModel, config: TrainConfig): Averaging | undefined {
    const { averaging, averageDecay = 0, averageFraction = 1, decaySteps } = config;
    if (averaging === "none") return undefined;
    const parameters = trainableParameters(model);
    return averaging === "ema"
      ? new Averaging(new WeightAverage(parameters, { decay: averageDecay, rampUp: true }), 1)
      : new Averaging(
          new WeightAverage(parameters),
          Math.max(1, decaySteps - Math.round(averageFraction * decaySteps)),
        );
  }

  /** Takes in the weights after `step` steps. */
  add(step: number): void {
    if (step >= this.#start) this.#average.update();
  }

  /** Runs `use` with the averages in place of the weights, which are put back whatever happens; nothing else may change them. */
  async during<T>(use: () => Promise<T>): Promise<T> {
    if (this.#average.count === 0) return use();
    this.#average.swap();
    try {
      return await use();
    } finally {
      this.#average.swap();
    }
  }

  /** For a checkpoint; undefined before the first step that counts. */
  state(): WeightAverageState | undefined {
    return this.#average.count === 0 ? undefined : this.#average.state();
  }

  /** @throws RangeError where the averages are of another model. */
  loadState(state: WeightAverageState): void {
    this.#average.loadState(state);
  }
}

/**
 * A training mode that gathers the statistics of batches as they are, where the ordinary one announces moving averages.
 */

import { type Tensor, Training } from "@llm-learning/nn-core";
import type { RunningStatistics } from "./runningStatistics.ts";

const brand = Symbol.for("@llm-learning/normalization/Calibration");

/** What a layer saw in one batch, one value for each channel. */
export interface BatchStatistics {
  readonly mean: Tensor;
  /** Unbiased. */
  readonly variance: Tensor;
  /** How many values of each channel, or how many examples, these are of. */
  readonly count: number;
  /**
   * Whether they are of all values together, or the averages of what was computed for each example: then the spread between the
   * examples' means is no part of the variance.
   */
  readonly of: "values" | "examples";
}

/** Passed to `forward` in place of a `Training`: layers hand their statistics to `observe`, and announce nothing. */
export class Calibration extends Training {
  readonly #observed = new Map<RunningStatistics, BatchStatistics>();

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /** @throws RangeError if the layer was applied before in this trace. */
  observe(running: RunningStatistics, statistics: BatchStatistics): void {
    if (this.#observed.has(running)) {
      throw new RangeError(
        "calibrate: expected each layer that keeps statistics once in a pass, got one applied twice",
      );
    }
    this.#observed.set(running, statistics);
  }

  /** What the layers saw, in the order of the forward pass. */
  get observed(): ReadonlyMap<RunningStatistics, BatchStatistics> {
    return this.#observed;
  }
}

export function isCalibration(training: Training): training is Calibration {
  return brand in training;
}

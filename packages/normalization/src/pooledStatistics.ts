/**
 * Mean and variance of many batches together, exactly, from those of each: the update of Chan, Golub and LeVeque (1979), in float64.
 */

import type { BatchStatistics } from "./calibration.ts";

/** Pools batches of any size; what it holds after them is what one batch of all their values has. */
export class PooledStatistics {
  readonly mean: Float64Array;
  readonly #of: BatchStatistics["of"];
  /** Sum of squared deviations from the mean; of examples, the sum of their variances. */
  readonly #squares: Float64Array;
  #count = 0;

  constructor(features: number, of: BatchStatistics["of"]) {
    this.mean = new Float64Array(features);
    this.#squares = new Float64Array(features);
    this.#of = of;
  }

  /** @param variance - Unbiased. */
  add(mean: ArrayLike<number>, variance: ArrayLike<number>, count: number): void {
    const before = this.#count;
    const total = before + count;
    for (let channel = 0; channel < this.mean.length; channel++) {
      const step = mean[channel] - this.mean[channel];
      this.mean[channel] += (step * count) / total;
      this.#squares[channel] +=
        this.#of === "values"
          ? variance[channel] * (count - 1) + (step * step * before * count) / total
          : variance[channel] * count;
    }
    this.#count = total;
  }

  /** The unbiased variance of all values; of examples, the average of their variances. */
  get variance(): Float64Array {
    const divisor = this.#of === "values" ? this.#count - 1 : this.#count;
    return this.#squares.map((squares) => squares / divisor);
  }
}

/**
 * Running statistics: what a layer that normalized by its batches in training normalizes by in use.
 *
 * They are parameters that no optimizer touches, so they are saved and loaded with a model. A forward pass in training announces
 * their new values (`Training.update`); whoever runs the step copies them.
 */

import { add, mul, Parameter, reciprocal, reshape, sub, type Tensor, type Training } from "@llm-learning/nn-core";
import { type BatchStatistics, isCalibration } from "./calibration.ts";

/** Mean and variance of each channel, as training saw them. */
export class RunningStatistics {
  /** `[numFeatures]`, starts as zeros */
  readonly mean: Parameter;
  /** `[numFeatures]`, starts as ones; the unbiased variance */
  readonly variance: Parameter;
  /** `[1]`, how many batches the average holds; there with `momentum` null only */
  readonly batches: Parameter | undefined;
  /** Weight of a new batch; null for the plain average of all batches. */
  readonly momentum: number | null;

  /** @throws RangeError if `momentum` is neither null nor in [0, 1]. */
  constructor(numFeatures: number, momentum: number | null) {
    if (momentum !== null && !(momentum >= 0 && momentum <= 1)) {
      throw new RangeError(
        `RunningStatistics: expected a momentum in [0, 1] (the weight of the new batch), or null for the plain average, got ${momentum}`,
      );
    }
    this.mean = new Parameter([numFeatures], { trainable: false });
    this.variance = new Parameter([numFeatures], { trainable: false, init: (data) => data.fill(1) });
    this.batches = momentum === null ? new Parameter([1], { trainable: false }) : undefined;
    this.momentum = momentum;
  }

  /**
   * Announces the statistics after a batch: `(1 - momentum) * old + momentum * batch`, as PyTorch. ONNX's momentum is 1 minus this
   * one. The plain average is the same with `1 / batches`, the new batch counted: the first one replaces what was there, to the bit.
   *
   * In a calibration they are handed over as they are.
   */
  announce(training: Training, statistics: BatchStatistics): void {
    const { batches, momentum } = this;
    const mean = reshape(statistics.mean, this.mean.shape);
    const variance = reshape(statistics.variance, this.mean.shape);
    if (isCalibration(training)) {
      training.observe(this, { ...statistics, mean, variance });
      return;
    }
    const seen = batches && add(batches, 1);
    const [kept, taken] =
      seen === undefined ? [1 - momentum!, momentum!] : [sub(1, reciprocal(seen)), reciprocal(seen)];
    const averaged = (running: Parameter, value: Tensor): Tensor => add(mul(running, kept), mul(value, taken));
    training.update(this.mean, averaged(this.mean, mean));
    training.update(this.variance, averaged(this.variance, variance));
    if (batches !== undefined) training.update(batches, seen!);
  }
}

/**
 * Instance normalization (Ulyanov et al. 2016, https://arxiv.org/abs/1607.08022), channels last.
 *
 * One class for sequences and images: PyTorch's InstanceNorm1d and InstanceNorm2d.
 */

import {
  formatShape,
  mean,
  mul,
  type Operand,
  Parameter,
  sub,
  type Tensor,
  toTensor,
  type Training,
} from "@llm-learning/nn-core";
import { moments, unbiasing, valuesAlong } from "./moments.ts";
import { expectNoBias } from "./redundantBias.ts";
import { expectEps, rescale } from "./rescale.ts";
import { RunningStatistics } from "./runningStatistics.ts";

/** Options of {@link InstanceNorm}. */
export interface InstanceNormOptions {
  /** Added to the variance. @defaultValue 1e-5, as PyTorch */
  eps?: number;
  /** Scale and shift by a learned weight and bias. @defaultValue false, as PyTorch */
  affine?: boolean;
  /** Keep running statistics in training and normalize by them in use. @defaultValue false, as PyTorch */
  trackRunningStats?: boolean;
  /** Weight of a new batch in the running statistics, or null for the plain average. @defaultValue 0.1, as PyTorch */
  momentum?: number | null;
  /** Accept a layer with a bias before this one, useful only if its output goes elsewhere too. @defaultValue false */
  allowBias?: boolean;
}

/**
 * `y = (x - mean) / sqrt(variance + eps) * weight + bias`, with statistics of each example and channel, over all positions.
 *
 * Without running statistics both modes are one computation. With them, training announces the averages over the batch of the
 * examples' means and unbiased variances, and use normalizes by those, as PyTorch; PyTorch has no plain average here.
 */
export class InstanceNorm {
  /** `[numFeatures]`, starts as ones */
  readonly weight: Parameter | undefined;
  /** `[numFeatures]`, starts as zeros */
  readonly bias: Parameter | undefined;
  /** There with `trackRunningStats`. */
  readonly running: RunningStatistics | undefined;
  readonly numFeatures: number;
  readonly eps: number;
  readonly allowBias: boolean;

  /**
   * @param numFeatures - Size of the last axis.
   * @throws RangeError if eps is negative, or momentum not in [0, 1].
   */
  constructor(numFeatures: number, options: InstanceNormOptions = {}) {
    const { eps = 1e-5, affine = false, trackRunningStats = false, momentum = 0.1, allowBias = false } = options;
    this.weight = affine ? new Parameter([numFeatures], { init: (data) => data.fill(1) }) : undefined;
    this.bias = affine ? new Parameter([numFeatures]) : undefined;
    this.running = trackRunningStats ? new RunningStatistics(numFeatures, momentum) : undefined;
    this.numFeatures = numFeatures;
    this.eps = expectEps("InstanceNorm", eps);
    this.allowBias = allowBias;
  }

  /**
   * @param x - `[B, ..., numFeatures]`, with an axis of positions at least.
   * @param training - Given in training; needed by a layer with running statistics, harmless to others.
   * @returns the shape of `x`.
   * @throws RangeError if the last axis has another size, or there is a single position.
   * @throws Error if the layer before has a bias, in training and without `allowBias`.
   */
  forward(x: Operand, training?: Training): Tensor {
    const tensor = toTensor(x);
    this.#checkShape(tensor);
    if (training !== undefined && !this.allowBias) expectNoBias("InstanceNorm", tensor);
    const { running } = this;
    if (running === undefined || training !== undefined) return this.#byInstance(tensor, training);
    return rescale(sub(tensor, running.mean), running.variance, this);
  }

  #byInstance(x: Tensor, training: Training | undefined): Tensor {
    const axes = Array.from({ length: x.rank - 2 }, (_, index) => index + 1);
    const count = valuesAlong(x.shape, axes);
    if (count !== undefined && count < 2) {
      throw new RangeError(
        `InstanceNorm.forward: expected more than one position for each example, got ${formatShape(x.shape)}: one value has no variance`,
      );
    }
    const statistics = moments(x, axes);
    if (training !== undefined && this.running !== undefined) {
      const [B] = x.shape;
      if (count === undefined || typeof B !== "number") {
        throw new RangeError(
          `InstanceNorm.forward: expected a static shape in training, got ${formatShape(x.shape)}; trace training graphs with numbers`,
        );
      }
      this.running.announce(training, {
        mean: mean(statistics.mean, { axes: 0 }),
        variance: mean(mul(statistics.variance, unbiasing(count)), { axes: 0 }),
        count: B,
        of: "examples",
      });
    }
    return rescale(statistics.deviation, statistics.variance, this);
  }

  #checkShape({ shape, rank }: Tensor): void {
    const features = this.numFeatures;
    if (rank >= 3 && shape[rank - 1] === features) return;
    const isChannelsFirst = rank > 2 && shape[1] === features;
    throw new RangeError(
      `InstanceNorm.forward: expected [B, ..., ${features}] with an axis of positions, got ${formatShape(shape)}` +
        (isChannelsFirst ? "; channels are the last axis here: transpose it" : ""),
    );
  }
}

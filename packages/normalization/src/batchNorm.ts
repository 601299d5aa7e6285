/**
 * Batch normalization (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167), channels last.
 *
 * One class for rows, sequences and images: PyTorch's BatchNorm1d and BatchNorm2d differ only in where the channels stand, and here
 * they are always on the last axis, as in nn-core's convolutions.
 */

import {
  formatShape,
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

/** Options of {@link BatchNorm}. */
export interface BatchNormOptions {
  /** Added to the variance. @defaultValue 1e-5, as PyTorch */
  eps?: number;
  /**
   * Weight of a new batch in the running statistics, in [0, 1]; null gives every batch the same weight (PyTorch's cumulative
   * moving average). @defaultValue 0.1, as PyTorch
   */
  momentum?: number | null;
  /** Scale and shift by a learned weight and bias. @defaultValue true */
  affine?: boolean;
  /**
   * 0 normalizes a batch by the variance that divides by n, as PyTorch; 1 by the one that divides by n - 1, as Karpathy's lecture on
   * BatchNorm. Running statistics hold the latter in both. @defaultValue 0
   */
  correction?: 0 | 1;
  /** Accept a layer with a bias before this one, useful only if its output goes elsewhere too. @defaultValue false */
  allowBias?: boolean;
}

/**
 * `y = (x - mean) / sqrt(variance + eps) * weight + bias`, for each channel of the last axis, with statistics over all other axes.
 *
 * With a `Training` object the statistics are those of the batch, and the running ones are announced anew; without one they are the
 * running ones, and an example's output depends on nothing but that example.
 *
 * A bias in the layer before is subtracted again with the mean. In training such a layer is an error, unless `allowBias` is set.
 *
 * @example
 * ```ts
 * const linear = new Linear(10, 100, { rng, bias: false });
 * const norm = new BatchNorm(100);
 * const y = tanh(norm.forward(linear.forward(x), training)); // [B, 10] -> [B, 100]
 * ```
 */
export class BatchNorm {
  /** `[numFeatures]`, starts as ones */
  readonly weight: Parameter | undefined;
  /** `[numFeatures]`, starts as zeros */
  readonly bias: Parameter | undefined;
  /** What is normalized by in use. */
  readonly running: RunningStatistics;
  readonly eps: number;
  readonly correction: 0 | 1;
  readonly allowBias: boolean;

  /**
   * @param numFeatures - Size of the last axis.
   * @throws RangeError if eps is negative, or momentum not in [0, 1].
   */
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    const { eps = 1e-5, momentum = 0.1, affine = true, correction = 0, allowBias = false } = options;
    this.weight = affine ? new Parameter([numFeatures], { init: (data) => data.fill(1) }) : undefined;
    this.bias = affine ? new Parameter([numFeatures]) : undefined;
    this.running = new RunningStatistics(numFeatures, momentum);
    this.eps = expectEps("BatchNorm", eps);
    this.correction = correction;
    this.allowBias = allowBias;
  }

  /**
   * @param x - `[..., numFeatures]`, with an axis of examples at least.
   * @param training - Given in training, where every size must be known.
   * @returns the shape of `x`.
   * @throws RangeError if the last axis has another size, or a batch in training has a single value for each channel.
   * @throws Error if the layer before has a bias, in training and without `allowBias`.
   */
  forward(x: Operand, training?: Training): Tensor {
    const tensor = toTensor(x);
    this.#checkShape(tensor);
    if (training !== undefined) return this.#byBatch(tensor, training);
    return rescale(sub(tensor, this.running.mean), this.running.variance, this);
  }

  #byBatch(x: Tensor, training: Training): Tensor {
    if (!this.allowBias) expectNoBias("BatchNorm", x);
    const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
    const count = valuesAlong(x.shape, axes);
    if (count === undefined) {
      throw new RangeError(
        `BatchNorm.forward: expected a static shape in training, got ${formatShape(x.shape)}; trace training graphs with numbers`,
      );
    }
    if (count < 2) {
      throw new RangeError(
        `BatchNorm.forward: expected more than one value for each channel in training, got ${formatShape(x.shape)}: one value has no ` +
          `variance; use a larger batch (leave out a last batch of one), or forward without training`,
      );
    }
    const { deviation, mean, variance } = moments(x, axes);
    const unbiased = mul(variance, unbiasing(count));
    this.running.announce(training, { mean, variance: unbiased, count, of: "values" });
    return rescale(deviation, this.correction === 1 ? unbiased : variance, this);
  }

  #checkShape({ shape, rank }: Tensor): void {
    const [features] = this.running.mean.shape;
    if (rank >= 2 && shape[rank - 1] === features) return;
    const isChannelsFirst = rank > 2 && shape[1] === features;
    throw new RangeError(
      `BatchNorm.forward: expected [..., ${features}] with an axis of examples, got ${formatShape(shape)}` +
        (isChannelsFirst ? "; channels are the last axis here: transpose it" : ""),
    );
  }
}

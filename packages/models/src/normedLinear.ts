/**
 * A linear layer and, where asked for, the BatchNorm after it: the weight and the norm of "weight, norm, non-linearity".
 *
 * The layer has a bias only without a norm, which would subtract it again.
 */

import { type Initializer, normal, type Rng } from "@llm-learning/init";
import { Linear, type Tensor, type Training } from "@llm-learning/nn-core";
import { BatchNorm } from "@llm-learning/normalization";

/** How a {@link NormedLinear} starts, and whether it is normalized. */
export interface NormedLinearOptions {
  readonly rng: Rng;
  /** Weights start as N(0, gain / sqrt(inFeatures)), the bias as 0. */
  readonly gain: number;
  readonly batchNorm: boolean;
}

/** `norm(x @ weight^T)`, or `x @ weight^T + bias`. */
export class NormedLinear {
  readonly linear: Linear;
  readonly norm: BatchNorm | undefined;

  constructor(inFeatures: number, outFeatures: number, { rng, gain, batchNorm }: NormedLinearOptions) {
    const weightInit: Initializer = (data) => normal(data, { std: gain / Math.sqrt(inFeatures), rng });
    this.linear = new Linear(inFeatures, outFeatures, {
      rng,
      bias: !batchNorm,
      weightInit,
      biasInit: (data) => data.fill(0),
    });
    this.norm = batchNorm ? new BatchNorm(outFeatures) : undefined;
  }

  /** Number of learned values, without making the layer. */
  static parameterCount(inFeatures: number, outFeatures: number, batchNorm: boolean): number {
    return (inFeatures + (batchNorm ? 2 : 1)) * outFeatures;
  }

  /**
   * @param x - `[..., inFeatures]`
   * @returns `[..., outFeatures]`
   */
  forward(x: Tensor, training?: Training): Tensor {
    const y = this.linear.forward(x);
    return this.norm?.forward(y, training) ?? y;
  }
}

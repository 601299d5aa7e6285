/**
 * Layer normalization as a layer (Ba et al. 2016, https://arxiv.org/abs/1607.06450).
 */

import { layerNorm, type Operand, Parameter, type Tensor } from "@llm-learning/nn-core";

/** Options of {@link LayerNorm}. */
export interface LayerNormOptions {
  /** Added to the variance. @defaultValue 1e-5, as PyTorch */
  eps?: number;
  /** Add a learned bias after scaling. @defaultValue true */
  bias?: boolean;
}

/**
 * `y = (x - mean) / sqrt(variance + eps) * weight + bias`, over the last axis, with the biased variance, as PyTorch.
 *
 * Batch normalization turned by 90 degrees: statistics of each example over its features, not of each feature over the
 * batch, so that training and use are the same computation.
 */
export class LayerNorm {
  /** `[normalizedShape]`, starts as ones */
  readonly weight: Parameter;
  /** `[normalizedShape]`, starts as zeros */
  readonly bias: Parameter | undefined;
  readonly eps: number;

  /** @param normalizedShape - Size of the last axis. */
  constructor(normalizedShape: number, options: LayerNormOptions = {}) {
    const { eps = 1e-5, bias = true } = options;
    this.weight = new Parameter([normalizedShape], { init: (data) => data.fill(1) });
    this.bias = bias ? new Parameter([normalizedShape]) : undefined;
    this.eps = eps;
  }

  /**
   * @param x - `[..., normalizedShape]`
   * @returns the shape of `x`.
   * @throws RangeError if the last axis has another size.
   */
  forward(x: Operand): Tensor {
    return layerNorm(x, this.weight, this.bias, { eps: this.eps });
  }
}

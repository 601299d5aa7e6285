/**
 * Root-mean-square normalization as a layer (Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467).
 */

import { type Operand, Parameter, rmsNorm, type Tensor } from "@llm-learning/nn-core";

/** Options of {@link RMSNorm}. */
export interface RMSNormOptions {
  /** Added to the mean square. @defaultValue 1e-6, as Llama; PyTorch's default is the epsilon of the dtype */
  eps?: number;
}

/** `y = x / sqrt(mean(x^2) + eps) * weight`, over the last axis: layer normalization without centring. */
export class RMSNorm {
  /** `[normalizedShape]`, starts as ones */
  readonly weight: Parameter;
  readonly eps: number;

  /** @param normalizedShape - Size of the last axis. */
  constructor(normalizedShape: number, options: RMSNormOptions = {}) {
    const { eps = 1e-6 } = options;
    this.weight = new Parameter([normalizedShape], { init: (data) => data.fill(1) });
    this.eps = eps;
  }

  /**
   * @param x - `[..., normalizedShape]`
   * @returns the shape of `x`.
   * @throws RangeError if the last axis has another size.
   */
  forward(x: Operand): Tensor {
    return rmsNorm(x, this.weight, { eps: this.eps });
  }
}

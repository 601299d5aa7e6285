/**
 * The linear layer.
 */

import { type Initializer, kaimingUniform, type Rng, uniform } from "@llm-learning/init";
import type { Operand } from "../op.ts";
import { linear } from "../ops/linear.ts";
import { Parameter } from "../parameter.ts";
import type { Tensor } from "../tensor.ts";

/** Whether there is a bias, and how the values start. */
export interface LinearOptions {
  /** Draws the initial values where an initializer is not given. */
  rng: Rng;
  /** Add a learned bias. @defaultValue true */
  bias?: boolean;
  /** @defaultValue uniform within 1 / sqrt(inFeatures), as PyTorch */
  weightInit?: Initializer;
  /** @defaultValue uniform within 1 / sqrt(inFeatures), as PyTorch */
  biasInit?: Initializer;
}

/**
 * `y = x @ weight^T + bias`
 *
 * @example
 * ```ts
 * const layer = new Linear(4, 8, { rng: new Rng(1) });
 * const y = layer.forward(x); // [B, 4] -> [B, 8]
 * ```
 */
export class Linear {
  /** `[outFeatures, inFeatures]` */
  readonly weight: Parameter;
  /** `[outFeatures]` */
  readonly bias: Parameter | undefined;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions) {
    const { rng, bias = true } = options;
    const bound = 1 / Math.sqrt(inFeatures);
    // kaimingUniform with a = sqrt(5) has the bound 1 / sqrt(fanIn).
    const weightInit: Initializer = (data, shape) => kaimingUniform(data, shape, { a: Math.sqrt(5), rng });
    const biasInit: Initializer = (data) => uniform(data, { low: -bound, high: bound, rng });
    this.weight = new Parameter([outFeatures, inFeatures], { init: options.weightInit ?? weightInit });
    this.bias = bias ? new Parameter([outFeatures], { init: options.biasInit ?? biasInit }) : undefined;
  }

  /**
   * @param x - `[..., inFeatures]`
   * @returns `[..., outFeatures]`
   */
  forward(x: Operand): Tensor {
    return linear(x, this.weight, this.bias);
  }
}

/**
 * The linear layer.
 */

import { type Initializer, kaimingUniform, type Rng, uniform } from "@llm-learning/init";
import type { Module } from "../module.ts";
import { type Operand, toTensor } from "../op.ts";
import { add } from "../ops/arithmetic.ts";
import { linear } from "../ops/linear.ts";
import { Parameter } from "../parameter.ts";
import { isTensor, type Tensor } from "../tensor.ts";
import type { Training } from "../training.ts";
import type { LoRA } from "./lora.ts";

const brand = Symbol.for("@llm-learning/nn-core/Linear");

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
 * `y = x @ weight^T + bias`, and an adapter's change where there is one.
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
  /** A change that is learned while weight and bias are frozen. */
  adapter: LoRA | undefined;

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions) {
    const { rng, bias = true } = options;
    const bound = 1 / Math.sqrt(inFeatures);
    // kaimingUniform with a = sqrt(5) has the bound 1 / sqrt(fanIn).
    const weightInit: Initializer = (data, shape) => kaimingUniform(data, shape, { a: Math.sqrt(5), rng });
    const biasInit: Initializer = (data) => uniform(data, { low: -bound, high: bound, rng });
    this.weight = new Parameter([outFeatures, inFeatures], { init: options.weightInit ?? weightInit });
    this.bias = bias ? new Parameter([outFeatures], { init: options.biasInit ?? biasInit }) : undefined;
    this.adapter = undefined;
  }

  /**
   * @param x - `[..., inFeatures]`
   * @param training - Given in training: an adapter's dropout is drawn from it.
   * @returns `[..., outFeatures]`
   */
  forward(x: Operand, training?: Training): Tensor {
    const input = toTensor(x);
    const y = linear(input, this.weight, this.bias);
    return this.adapter === undefined ? y : add(y, this.adapter.forward(input, training));
  }
}

/** Every linear layer of `module` with its dotted path, in declaration order; a layer that two paths reach is there once. */
export function namedLinears(module: Module): Map<string, Linear> {
  const named = new Map<string, Linear>();
  const seen = new Set<object>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null || seen.has(value) || ArrayBuffer.isView(value) || isTensor(value))
      return;
    seen.add(value);
    if (isLinear(value)) named.set(path, value);
    else for (const [key, child] of Object.entries(value)) visit(child, path === "" ? key : `${path}.${key}`);
  };
  visit(module, "");
  return named;
}

/** Whether `value` is a Linear, also of another copy of this package. */
function isLinear(value: object): value is Linear {
  return brand in value;
}

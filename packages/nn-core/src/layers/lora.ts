/**
 * LoRA: a low-rank change of a linear layer, learned while the layer itself stays as it is (Hu et al. 2021,
 * https://arxiv.org/abs/2106.09685). Names are ours; the paper's and PEFT's A is `down`, their B is `up`.
 */

import { type Initializer, kaimingUniform, type Rng } from "@llm-learning/init";
import { type Operand, toTensor } from "../op.ts";
import { mul } from "../ops/arithmetic.ts";
import { linear } from "../ops/linear.ts";
import { Parameter } from "../parameter.ts";
import type { Tensor } from "../tensor.ts";
import type { Training } from "../training.ts";
import { Dropout } from "./dropout.ts";

/** How large a change is, and how it starts. */
export interface LoRAOptions {
  /** Draws the first `down`. */
  rng: Rng;
  /** Rank of the change: an integer >= 1. */
  rank: number;
  /** The change is multiplied by alpha / rank; > 0. @defaultValue rank */
  alpha?: number;
  /** Dropout of the change's input in training, in `[0, 1)`. @defaultValue 0 */
  dropout?: number;
}

/**
 * What is added to a linear layer's output: `alpha / rank * dropout(x) @ down^T @ up^T`.
 *
 * `down` starts uniform within 1 / sqrt(inFeatures), as PEFT's A, and `up` at zero: at first nothing changes.
 *
 * @example
 * ```ts
 * const layer = new Linear(64, 64, { rng });
 * freeze(layer);
 * layer.adapter = new LoRA(64, 64, { rng, rank: 8, alpha: 16 });
 * ```
 */
export class LoRA {
  /** `[rank, inFeatures]` */
  readonly down: Parameter;
  /** `[outFeatures, rank]` */
  readonly up: Parameter;
  readonly dropout: Dropout;
  readonly rank: number;
  readonly alpha: number;

  /** @throws RangeError for a rank that is no integer >= 1, an alpha that is not above 0, or a dropout outside `[0, 1)`. */
  constructor(inFeatures: number, outFeatures: number, options: LoRAOptions) {
    const { rng, rank, alpha = rank, dropout = 0 } = options;
    if (!Number.isSafeInteger(rank) || rank < 1) {
      throw new RangeError(`LoRA: expected rank to be an integer >= 1, got ${rank}`);
    }
    if (!(alpha > 0 && alpha < Infinity)) throw new RangeError(`LoRA: expected a finite alpha above 0, got ${alpha}`);
    const init: Initializer = (data, shape) => kaimingUniform(data, shape, { a: Math.sqrt(5), rng });
    this.down = new Parameter([rank, inFeatures], { init });
    this.up = new Parameter([outFeatures, rank]);
    this.dropout = new Dropout(dropout);
    this.rank = rank;
    this.alpha = alpha;
  }

  /** Factor of the change. */
  get scale(): number {
    return this.alpha / this.rank;
  }

  /**
   * @param x - `[..., inFeatures]`
   * @param training - Given in training: dropout is drawn from it.
   * @returns `[..., outFeatures]`
   */
  forward(x: Operand, training?: Training): Tensor {
    const inner = linear(this.dropout.forward(toTensor(x), training), this.down); // [..., rank]
    return linear(mul(inner, this.scale), this.up); // [..., outFeatures]
  }

  /**
   * Adds the change to a weight, after which the layer computes the same without it. Sums are in double precision.
   *
   * @param weight - `[outFeatures, inFeatures]`
   */
  addTo(weight: Parameter): void {
    const { scale, rank } = this;
    const [O, I] = weight.shape;
    const row = new Float64Array(I);
    for (let o = 0; o < O; o++) {
      row.fill(0);
      for (let r = 0; r < rank; r++) {
        const factor = scale * this.up.data[o * rank + r];
        for (let i = 0; i < I; i++) row[i] += factor * this.down.data[r * I + i];
      }
      // Where nothing was learned, not even the sign of a zero changes.
      for (let i = 0; i < I; i++) if (row[i] !== 0) weight.data[o * I + i] += row[i];
    }
  }
}

/**
 * The dropout layer.
 */

import { type Operand, toTensor } from "../op.ts";
import { dropout } from "../ops/dropout.ts";
import type { Tensor } from "../tensor.ts";
import type { Training } from "../training.ts";

/** In training, sets elements to zero with probability `rate` and scales the others by `1 / (1 - rate)`; otherwise the identity. */
export class Dropout {
  /** Probability of dropping an element, in `[0, 1)`. */
  readonly rate: number;

  /** @throws RangeError if `rate` is not in `[0, 1)`. */
  constructor(rate: number) {
    if (!(rate >= 0 && rate < 1)) throw new RangeError(`Dropout: expected a rate in [0, 1), got ${rate}`);
    this.rate = rate;
  }

  /**
   * @param training - Given in training; without it nothing is dropped.
   * @returns the shape of `x`.
   */
  forward(x: Operand, training?: Training): Tensor {
    const tensor = toTensor(x);
    const mask = this.mask(tensor.shape, training);
    return mask === undefined ? tensor : dropout(tensor, mask.mask, mask);
  }

  /** The random mask that `forward` would use for a tensor of `shape`; undefined where nothing is dropped. */
  mask(shape: Tensor["shape"], training?: Training): { mask: Tensor; keepProbability: number } | undefined {
    if (training === undefined || this.rate === 0) return undefined;
    const keepProbability = 1 - this.rate;
    return { mask: training.bernoulli(shape, keepProbability), keepProbability };
  }
}

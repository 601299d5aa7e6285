/**
 * Adam (Kingma and Ba 2014, https://arxiv.org/abs/1412.6980), with weight decay as a part of the gradient.
 */

import { type MomentOptions, MomentOptimizer, type MomentState } from "./moments.ts";
import type { ParameterGroup } from "./parameterGroup.ts";

/** How moments decay. */
export type AdamOptions = MomentOptions;

/** What an optimizer remembers, by parameter name; the arrays are the optimizer's own. */
export type AdamState = MomentState;

/**
 * One step, with the gradient g, the step number t from 1 and the learning rate lr:
 *
 *     g += weightDecay * weight
 *     m = beta1 * m + (1 - beta1) * g
 *     v = beta2 * v + (1 - beta2) * g^2
 *     weight -= lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
 *
 * as torch.optim.Adam: the derivative of `weightDecay / 2 * weight^2` in the loss. Where weights shall decay whatever the size of
 * their gradients, it is {@link AdamW}. All arithmetic is float32.
 */
export class Adam extends MomentOptimizer {
  /** @throws RangeError for a beta outside `[0, 1)`, an eps, weight decay or learningRateScale that is negative or not
   * finite, or a name in two groups. */
  constructor(groups: readonly ParameterGroup[], options: AdamOptions = {}) {
    super({ caller: "Adam", decoupled: false }, groups, options);
  }
}

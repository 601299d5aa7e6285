/**
 * AdamW: Adam with decoupled weight decay (Loshchilov and Hutter 2017, https://arxiv.org/abs/1711.05101).
 */

import { type MomentOptions, MomentOptimizer, type MomentState } from "./moments.ts";
import type { ParameterGroup } from "./parameterGroup.ts";

/** How moments decay. */
export type AdamWOptions = MomentOptions;

/** What an optimizer remembers, by parameter name; the arrays are the optimizer's own. */
export type AdamWState = MomentState;

/**
 * One step, with the gradient g, the step number t from 1 and the learning rate lr:
 *
 *     m = beta1 * m + (1 - beta1) * g
 *     v = beta2 * v + (1 - beta2) * g^2
 *     weight -= lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps) + lr * weightDecay * weight
 *
 * as torch.optim.AdamW. All arithmetic is float32.
 */
export class AdamW extends MomentOptimizer {
  /** @throws RangeError for a beta outside `[0, 1)`, an eps, weight decay or learningRateScale that is negative or not
   * finite, or a name in two groups. */
  constructor(groups: readonly ParameterGroup[], options: AdamWOptions = {}) {
    super({ caller: "AdamW", decoupled: true }, groups, options);
  }
}

/**
 * The optimizer of a configuration, behind what training and checkpoints ask of it.
 */

import { AdamW, decayGroups, type Module, SGD, type StepOptions } from "@llm-learning/nn-core";
import type { TrainConfig } from "../config/trainConfig.ts";
import type { OptimizerState } from "../run/checkpoint.ts";

/** What turns gradients into updates. */
export interface Optimizer {
  step(gradients: Readonly<Record<string, Float32Array>>, options: StepOptions): void;
  state(): OptimizerState;
  /** @throws RangeError where the state is of another model or optimizer. */
  loadState(state: OptimizerState): void;
}

/** The optimizer of `config`, for the learned parameters of `model`. */
export function createOptimizer(model: Module, config: TrainConfig): Optimizer {
  const groups = decayGroups(model, config.weightDecay);
  // The keys of the optimizer that is chosen are there: the configuration was checked.
  if (config.optimizer === "sgd") {
    const { momentum = 0, nesterov = false } = config;
    const sgd = new SGD(groups, { momentum, nesterov });
    return {
      step: (gradients, options) => sgd.step(gradients, options),
      state: () => sgd.state(),
      loadState: ({ step, momentumBuffers = new Map() }) => sgd.loadState({ step, momentumBuffers }),
    };
  }
  const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = config;
  const adamW = new AdamW(groups, { beta1, beta2, eps });
  return {
    step: (gradients, options) => adamW.step(gradients, options),
    state: () => adamW.state(),
    loadState: ({ step, firstMoments = new Map(), secondMoments = new Map() }) =>
      adamW.loadState({ step, firstMoments, secondMoments }),
  };
}

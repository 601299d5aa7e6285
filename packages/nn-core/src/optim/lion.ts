/**
 * Lion: the sign of a momentum as the direction (Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms",
 * https://arxiv.org/abs/2302.06675, Algorithm 2).
 */

import {
  checkSavedStep,
  checkShares,
  checkStep,
  type GroupedParameter,
  parametersOf,
  savedArray,
  type StepOptions,
} from "./optimizer.ts";
import type { ParameterGroup } from "./parameterGroup.ts";
import { type OptimizerWorkspace, workspaceFor } from "./workspace.ts";

/** How the momentum is read and how it is kept. */
export interface LionOptions {
  /** Share of the momentum in the direction of a step, in `[0, 1)`. @defaultValue 0.9 */
  beta1?: number;
  /** Decay of the momentum, in `[0, 1)`. @defaultValue 0.99 */
  beta2?: number;
}

/** What {@link Lion} remembers, by parameter name; the arrays are the optimizer's own. */
export interface LionState {
  /** Steps taken. */
  readonly step: number;
  /** The momentum of each parameter. */
  readonly momentumBuffers: ReadonlyMap<string, Float32Array>;
}

interface Slot extends GroupedParameter {
  readonly buffer: Float32Array;
}

/**
 * One step, with the gradient g and the learning rate lr:
 *
 *     weight -= lr * sign(beta1 * m + (1 - beta1) * g) + lr * weightDecay * weight
 *     m = beta2 * m + (1 - beta2) * g
 *
 * Every weight moves by the rate, so that the rate is a third to a tenth of AdamW's, and weight decay as many times larger. Half of
 * AdamW's memory. All arithmetic is float32.
 */
export class Lion {
  readonly #slots: readonly Slot[];
  readonly #workspace: OptimizerWorkspace;
  readonly #beta1: number;
  readonly #beta2: number;
  #step = 0;

  /** @throws RangeError for a beta outside `[0, 1)`, a weight decay or learningRateScale that is negative or not finite, or a name in two
   * groups. */
  constructor(groups: readonly ParameterGroup[], options: LionOptions = {}) {
    const { beta1 = 0.9, beta2 = 0.99 } = options;
    checkShares("Lion", { beta1, beta2 });
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    const entries = parametersOf("Lion", groups);
    this.#workspace = workspaceFor(entries, 1);
    this.#slots = entries.map((entry) => ({
      ...entry,
      buffer: this.#workspace.allocate(entry.parameter.elementCount),
    }));
  }

  /** Names of the parameters it updates. */
  get names(): readonly string[] {
    return this.#slots.map(({ name }) => name);
  }

  /**
   * Room for the gradient of each parameter, by name: a step on these arrays is the fastest, since nothing is copied. To be the
   * `outputs` of what computes them.
   */
  get gradients(): Readonly<Record<string, Float32Array>> {
    return this.#workspace.gradients;
  }

  /**
   * Updates every parameter in place.
   *
   * @param gradients - By parameter name, each as long as its parameter.
   * @param options - `learningRate` of this step; `gradientScale` multiplies every gradient first (clipping; default 1).
   * @throws RangeError for a missing gradient or one of another length, or a rate that is negative or not finite, TypeError for a gradient
   * that is no Float32Array; nothing is updated then.
   */
  step(gradients: Readonly<Record<string, Float32Array>>, options: StepOptions): void {
    const { learningRate, gradientScale: scale = 1 } = options;
    checkStep("Lion.step", this.#slots, gradients, options);
    this.#step++;
    for (const { name, parameter, buffer, weightDecay, learningRateScale } of this.#slots) {
      const rate = learningRate * learningRateScale;
      this.#workspace.updates.lion(
        { weight: parameter.data, gradient: gradients[name], buffer },
        { scale, gain1: 1 - this.#beta1, gain2: 1 - this.#beta2, rate, decay: rate * weightDecay },
      );
    }
  }

  /** Everything that decides its future, for a checkpoint; the arrays are live, not copies. */
  state(): LionState {
    return { step: this.#step, momentumBuffers: new Map(this.#slots.map(({ name, buffer }) => [name, buffer])) };
  }

  /**
   * Continues from a saved state.
   *
   * @throws RangeError if a momentum is missing or of another length, or `step` is not an integer >= 0; nothing changes then.
   */
  loadState({ step, momentumBuffers }: LionState): void {
    checkSavedStep("Lion.loadState", step);
    const saved = this.#slots.map((slot) => savedArray("Lion.loadState", "a momentum buffer", slot, momentumBuffers));
    this.#slots.forEach(({ buffer }, index) => buffer.set(saved[index]));
    this.#step = step;
  }
}

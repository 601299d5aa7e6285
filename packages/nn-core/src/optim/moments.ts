/**
 * Steps by two moments of the gradient: what Adam and AdamW share, which differ in where weight decay goes.
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

/** How moments decay. */
export interface MomentOptions {
  /** Decay of the first moment, in `[0, 1)`. @defaultValue 0.9 */
  beta1?: number;
  /** Decay of the second moment, in `[0, 1)`. @defaultValue 0.999 */
  beta2?: number;
  /** Added to the root of the second moment. @defaultValue 1e-8 */
  eps?: number;
}

/** What is remembered, by parameter name; the arrays are the optimizer's own. */
export interface MomentState {
  /** Steps taken. */
  readonly step: number;
  readonly firstMoments: ReadonlyMap<string, Float32Array>;
  readonly secondMoments: ReadonlyMap<string, Float32Array>;
}

interface Slot extends GroupedParameter {
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

/** Adam with one or the other weight decay. */
export class MomentOptimizer {
  readonly #caller: string;
  readonly #decoupled: boolean;
  readonly #slots: readonly Slot[];
  readonly #workspace: OptimizerWorkspace;
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #eps: number;
  #step = 0;

  /**
   * @param kind - `caller` is the class that errors name; `decoupled` weight decay is taken from the weights, other added to the
   * gradients.
   * @throws RangeError for a beta outside `[0, 1)`, an eps, weight decay or learningRateScale that is negative or not finite, or a
   * name in two groups.
   */
  constructor(
    { caller, decoupled }: { caller: string; decoupled: boolean },
    groups: readonly ParameterGroup[],
    options: MomentOptions,
  ) {
    const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options;
    checkShares(caller, { beta1, beta2 });
    if (!(eps >= 0 && eps < Infinity)) throw new RangeError(`${caller}: expected a finite eps >= 0, got ${eps}`);
    this.#caller = caller;
    this.#decoupled = decoupled;
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#eps = eps;
    const entries = parametersOf(caller, groups);
    this.#workspace = workspaceFor(entries, 2);
    this.#slots = entries.map((entry) => ({
      ...entry,
      firstMoment: this.#workspace.allocate(entry.parameter.elementCount),
      secondMoment: this.#workspace.allocate(entry.parameter.elementCount),
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
    checkStep(`${this.#caller}.step`, this.#slots, gradients, options);
    const step = ++this.#step;
    for (const slot of this.#slots) {
      const { name, parameter, firstMoment, secondMoment, weightDecay } = slot;
      const rate = learningRate * slot.learningRateScale;
      const arrays = { weight: parameter.data, gradient: gradients[name], firstMoment, secondMoment };
      this.#workspace.updates.adam(arrays, {
        scale,
        coupled: this.#decoupled ? 0 : weightDecay,
        gain1: 1 - this.#beta1,
        gain2: 1 - this.#beta2,
        rate: rate / (1 - this.#beta1 ** step),
        correction: 1 / Math.sqrt(1 - this.#beta2 ** step),
        eps: this.#eps,
        decay: this.#decoupled ? rate * weightDecay : 0,
      });
    }
  }

  /** Everything that decides its future, for a checkpoint; the arrays are live, not copies. */
  state(): MomentState {
    return {
      step: this.#step,
      firstMoments: new Map(this.#slots.map(({ name, firstMoment }) => [name, firstMoment])),
      secondMoments: new Map(this.#slots.map(({ name, secondMoment }) => [name, secondMoment])),
    };
  }

  /**
   * Continues from a saved state.
   *
   * @throws RangeError if a moment is missing or of another length, or `step` is not an integer >= 0; nothing changes then.
   */
  loadState(state: MomentState): void {
    const caller = `${this.#caller}.loadState`;
    checkSavedStep(caller, state.step);
    const moments = this.#slots.map((slot) => ({
      slot,
      first: savedArray(caller, "a first moment", slot, state.firstMoments),
      second: savedArray(caller, "a second moment", slot, state.secondMoments),
    }));
    for (const { slot, first, second } of moments) {
      slot.firstMoment.set(first);
      slot.secondMoment.set(second);
    }
    this.#step = state.step;
  }
}

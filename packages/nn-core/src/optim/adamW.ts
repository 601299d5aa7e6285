/**
 * AdamW: Adam with decoupled weight decay (Loshchilov and Hutter 2017, https://arxiv.org/abs/1711.05101).
 */

import { checkStep, type GroupedParameter, parametersOf, type StepOptions } from "./optimizer.ts";
import type { ParameterGroup } from "./parameterGroup.ts";

/** How moments decay. */
export interface AdamWOptions {
  /** Decay of the first moment, in `[0, 1)`. @defaultValue 0.9 */
  beta1?: number;
  /** Decay of the second moment, in `[0, 1)`. @defaultValue 0.999 */
  beta2?: number;
  /** Added to the root of the second moment. @defaultValue 1e-8 */
  eps?: number;
}

/** What an optimizer remembers, by parameter name; the arrays are the optimizer's own. */
export interface AdamWState {
  /** Steps taken. */
  readonly step: number;
  readonly firstMoments: ReadonlyMap<string, Float32Array>;
  readonly secondMoments: ReadonlyMap<string, Float32Array>;
}

interface Slot extends GroupedParameter {
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

/**
 * One step, with the gradient g, the step number t from 1 and the learning rate lr:
 *
 *     weight -= lr * weightDecay * weight
 *     m = beta1 * m + (1 - beta1) * g
 *     v = beta2 * v + (1 - beta2) * g^2
 *     weight -= lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
 *
 * Weights and moments are float32, the arithmetic between is double, as JavaScript's is.
 */
export class AdamW {
  readonly #slots: readonly Slot[];
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #eps: number;
  #step = 0;

  /** @throws RangeError for a beta outside `[0, 1)`, a negative eps, weight decay or learningRateScale, or a name in two
   * groups. */
  constructor(groups: readonly ParameterGroup[], options: AdamWOptions = {}) {
    const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options;
    for (const [name, beta] of Object.entries({ beta1, beta2 })) {
      if (!(beta >= 0 && beta < 1)) throw new RangeError(`AdamW: expected ${name} in [0, 1), got ${beta}`);
    }
    if (!(eps >= 0)) throw new RangeError(`AdamW: expected eps >= 0, got ${eps}`);
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#eps = eps;
    this.#slots = parametersOf("AdamW", groups).map((entry) => ({
      ...entry,
      firstMoment: new Float32Array(entry.parameter.elementCount),
      secondMoment: new Float32Array(entry.parameter.elementCount),
    }));
  }

  /** Names of the parameters it updates. */
  get names(): readonly string[] {
    return this.#slots.map(({ name }) => name);
  }

  /**
   * Updates every parameter in place.
   *
   * @param gradients - By parameter name, each as long as its parameter.
   * @param options - `learningRate` of this step; `gradientScale` multiplies every gradient first (clipping; default 1).
   * @throws RangeError for a missing gradient or one of another length, or a rate that is negative or not finite; nothing
   * is updated then.
   */
  step(gradients: Readonly<Record<string, Float32Array>>, options: StepOptions): void {
    const { learningRate, gradientScale = 1 } = options;
    checkStep("AdamW.step", this.#slots, gradients, options);
    this.#step++;
    for (const slot of this.#slots) {
      const rate = learningRate * slot.learningRateScale;
      this.#update(slot, gradients[slot.name], rate, gradientScale);
    }
  }

  #update(slot: Slot, gradient: Float32Array, learningRate: number, gradientScale: number): void {
    const weight = slot.parameter.data;
    const { firstMoment, secondMoment } = slot;
    const beta1 = this.#beta1;
    const beta2 = this.#beta2;
    const eps = this.#eps;
    const keep = 1 - learningRate * slot.weightDecay;
    const rate = learningRate / (1 - beta1 ** this.#step);
    const rootCorrection = 1 / Math.sqrt(1 - beta2 ** this.#step);
    const gain1 = (1 - beta1) * gradientScale;
    const gain2 = (1 - beta2) * gradientScale * gradientScale;
    for (let i = 0; i < weight.length; i++) {
      const g = gradient[i];
      const m = beta1 * firstMoment[i] + gain1 * g;
      const v = beta2 * secondMoment[i] + gain2 * g * g;
      firstMoment[i] = m;
      secondMoment[i] = v;
      weight[i] = weight[i] * keep - (rate * m) / (Math.sqrt(v) * rootCorrection + eps);
    }
  }

  /** Everything that decides its future, for a checkpoint; the arrays are live, not copies. */
  state(): AdamWState {
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
  loadState(state: AdamWState): void {
    if (!Number.isSafeInteger(state.step) || state.step < 0) {
      throw new RangeError(`AdamW.loadState: expected an integer step >= 0, got ${state.step}`);
    }
    const moments = this.#slots.map((slot) => ({
      slot,
      first: moment(state.firstMoments, slot, "first"),
      second: moment(state.secondMoments, slot, "second"),
    }));
    for (const { slot, first, second } of moments) {
      slot.firstMoment.set(first);
      slot.secondMoment.set(second);
    }
    this.#step = state.step;
  }
}

function moment(moments: ReadonlyMap<string, Float32Array>, { name, parameter }: Slot, which: string): Float32Array {
  const values = moments.get(name);
  if (values?.length === parameter.elementCount) return values;
  throw new RangeError(
    `AdamW.loadState: expected a ${which} moment of ${parameter.elementCount} values for "${name}", got ${values?.length ?? "none"}`,
  );
}

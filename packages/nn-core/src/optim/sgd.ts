/**
 * SGD: the gradient times the learning rate, with momentum and Nesterov's where asked for, as torch.optim.SGD (whose dampening,
 * always 0 here, has little use).
 */

import { checkStep, type GroupedParameter, parametersOf, type StepOptions } from "./optimizer.ts";
import type { ParameterGroup } from "./parameterGroup.ts";

/** How gradients of steps before count. */
export interface SGDOptions {
  /** Share of the last step's direction that is kept, in `[0, 1)`. @defaultValue 0 */
  momentum?: number;
  /** Looks ahead along that direction; needs momentum. @defaultValue false */
  nesterov?: boolean;
}

/** What {@link SGD} remembers, by parameter name; the arrays are the optimizer's own. */
export interface SGDState {
  /** Steps taken. */
  readonly step: number;
  /** Directions; empty without momentum. */
  readonly momentumBuffers: ReadonlyMap<string, Float32Array>;
}

interface Slot extends GroupedParameter {
  /** Undefined without momentum. */
  readonly buffer: Float32Array | undefined;
}

/**
 * One step, with the gradient g and the learning rate lr:
 *
 *     g += weightDecay * weight
 *     v = momentum * v + g          (v begins as 0)
 *     weight -= lr * v              (Nesterov: lr * (g + momentum * v))
 *
 * Weight decay is part of the gradient here, as in PyTorch, not decoupled as in AdamW. Weights and directions are float32, the
 * arithmetic between is double, as JavaScript's is.
 *
 * @see Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning"
 */
export class SGD {
  readonly #slots: readonly Slot[];
  readonly #momentum: number;
  readonly #nesterov: boolean;
  #step = 0;

  /** @throws RangeError for a momentum outside `[0, 1)`, Nesterov's without momentum, a negative weight decay or
   * learningRateScale, or a name in two groups. */
  constructor(groups: readonly ParameterGroup[], options: SGDOptions = {}) {
    const { momentum = 0, nesterov = false } = options;
    if (!(momentum >= 0 && momentum < 1)) throw new RangeError(`SGD: expected momentum in [0, 1), got ${momentum}`);
    if (nesterov && momentum === 0) throw new RangeError("SGD: expected momentum > 0 with nesterov, got 0");
    this.#momentum = momentum;
    this.#nesterov = nesterov;
    this.#slots = parametersOf("SGD", groups).map((entry) => ({
      ...entry,
      buffer: momentum === 0 ? undefined : new Float32Array(entry.parameter.elementCount),
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
    checkStep("SGD.step", this.#slots, gradients, options);
    const { learningRate, gradientScale = 1 } = options;
    this.#step++;
    for (const slot of this.#slots) {
      const rate = learningRate * slot.learningRateScale;
      const { weightDecay, buffer } = slot;
      const weight = slot.parameter.data;
      const gradient = gradients[slot.name];
      if (buffer === undefined) {
        for (let i = 0; i < weight.length; i++) {
          weight[i] -= rate * (gradient[i] * gradientScale + weightDecay * weight[i]);
        }
      } else this.#updateWithMomentum(weight, gradient, buffer, { rate, weightDecay, gradientScale });
    }
  }

  #updateWithMomentum(
    weight: Float32Array,
    gradient: Float32Array,
    buffer: Float32Array,
    { rate, weightDecay, gradientScale }: { rate: number; weightDecay: number; gradientScale: number },
  ): void {
    const momentum = this.#momentum;
    const nesterov = this.#nesterov;
    for (let i = 0; i < weight.length; i++) {
      const g = gradient[i] * gradientScale + weightDecay * weight[i];
      const v = momentum * buffer[i] + g;
      buffer[i] = v;
      weight[i] -= rate * (nesterov ? g + momentum * v : v);
    }
  }

  /** Everything that decides its future, for a checkpoint; the arrays are live, not copies. */
  state(): SGDState {
    const buffers = this.#slots.flatMap(({ name, buffer }) => (buffer === undefined ? [] : [[name, buffer] as const]));
    return { step: this.#step, momentumBuffers: new Map(buffers) };
  }

  /**
   * Continues from a saved state.
   *
   * @throws RangeError if a direction is missing or of another length, or `step` is not an integer >= 0; nothing changes then.
   */
  loadState({ step, momentumBuffers }: SGDState): void {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new RangeError(`SGD.loadState: expected an integer step >= 0, got ${step}`);
    }
    for (const { name, buffer } of this.#slots) {
      const length = momentumBuffers.get(name)?.length;
      if (buffer === undefined || length === buffer.length) continue;
      throw new RangeError(
        `SGD.loadState: expected a momentum buffer of ${buffer.length} values for "${name}", got ${length ?? "none"}`,
      );
    }
    for (const { name, buffer } of this.#slots) buffer?.set(momentumBuffers.get(name)!);
    this.#step = step;
  }
}

/**
 * SGD: the gradient times the learning rate, with momentum and Nesterov's where asked for, as torch.optim.SGD (whose dampening,
 * always 0 here, has little use).
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
 * Weight decay is part of the gradient here, as in PyTorch, not decoupled as in AdamW. All arithmetic is float32.
 *
 * @see Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning"
 */
export class SGD {
  readonly #slots: readonly Slot[];
  readonly #workspace: OptimizerWorkspace;
  readonly #momentum: number;
  readonly #nesterov: boolean;
  #step = 0;

  /** @throws RangeError for a momentum outside `[0, 1)`, Nesterov's without momentum, a weight decay or
   * learningRateScale that is negative or not finite, or a name in two groups. */
  constructor(groups: readonly ParameterGroup[], options: SGDOptions = {}) {
    const { momentum = 0, nesterov = false } = options;
    checkShares("SGD", { momentum });
    if (nesterov && momentum === 0) throw new RangeError("SGD: expected momentum > 0 with nesterov, got 0");
    this.#momentum = momentum;
    this.#nesterov = nesterov;
    const entries = parametersOf("SGD", groups);
    this.#workspace = workspaceFor(entries, momentum === 0 ? 0 : 1);
    this.#slots = entries.map((entry) => ({
      ...entry,
      buffer: momentum === 0 ? undefined : this.#workspace.allocate(entry.parameter.elementCount),
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
    checkStep("SGD.step", this.#slots, gradients, options);
    const { learningRate, gradientScale: scale = 1 } = options;
    const momentum = this.#momentum;
    const { updates } = this.#workspace;
    const [ahead, share] = this.#nesterov ? [1, momentum] : [0, 1];
    this.#step++;
    for (const { name, parameter, buffer, weightDecay: coupled, learningRateScale } of this.#slots) {
      const weight = parameter.data;
      const gradient = gradients[name];
      const constants = { scale, coupled, rate: learningRate * learningRateScale };
      if (buffer === undefined) updates.descend(weight, gradient, constants);
      else updates.descendWithMomentum({ weight, gradient, buffer }, { ...constants, momentum, ahead, share });
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
    checkSavedStep("SGD.loadState", step);
    const saved = this.#slots.map(
      (slot) => slot.buffer && savedArray("SGD.loadState", "a momentum buffer", slot, momentumBuffers),
    );
    this.#slots.forEach(({ buffer }, index) => buffer?.set(saved[index]!));
    this.#step = step;
  }
}

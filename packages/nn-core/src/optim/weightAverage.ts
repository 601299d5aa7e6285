/**
 * Averages of weights over the steps of training, which often predict better than the weights of any step.
 *
 * Polyak and Juditsky 1992; Izmailov et al. 2018, https://arxiv.org/abs/1803.05407. As torch.optim.swa_utils.AveragedModel.
 */

import type { Parameter } from "../parameter.ts";
import { savedArray } from "./optimizer.ts";
import { type Workspace, workspaceOf } from "./workspace.ts";

/** How much each step counts. */
export interface WeightAverageOptions {
  /** Share of the average that a step leaves, in `[0, 1)`: an exponential average. @defaultValue all steps count alike */
  decay?: number;
  /**
   * Of the exponential average: a share of at most `(1 + n) / (10 + n)` after n steps, so that a short run forgets how it began.
   *
   * @defaultValue false
   */
  rampUp?: boolean;
}

/** What a {@link WeightAverage} remembers; the arrays are its own. */
export interface WeightAverageState {
  /** Steps in the average. */
  readonly count: number;
  readonly averages: ReadonlyMap<string, Float32Array>;
}

/**
 * The average of the weights after each step that it was told of:
 *
 *     first step:  average = weight
 *     later:       average += (1 - decay) * (weight - average)
 *     or:          average += (weight - average) / (count + 1)     without a decay
 */
export class WeightAverage {
  readonly #slots: readonly { readonly name: string; readonly parameter: Parameter; readonly average: Float32Array }[];
  readonly #workspace: Workspace;
  readonly #decay: number | undefined;
  readonly #rampUp: boolean;
  #count = 0;

  /** @throws RangeError for a decay outside `[0, 1)`. */
  constructor(parameters: ReadonlyMap<string, Parameter>, options: WeightAverageOptions = {}) {
    const { decay, rampUp = false } = options;
    if (decay !== undefined && !(decay >= 0 && decay < 1)) {
      throw new RangeError(`WeightAverage: expected decay in [0, 1), got ${decay}`);
    }
    this.#decay = decay;
    this.#rampUp = rampUp;
    this.#workspace = workspaceOf([...parameters.values()].map(({ elementCount }) => elementCount));
    this.#slots = [...parameters].map(([name, parameter]) => ({
      name,
      parameter,
      average: this.#workspace.allocate(parameter.elementCount),
    }));
  }

  /** Steps in the average. */
  get count(): number {
    return this.#count;
  }

  /** Takes in the weights as they are now. */
  update(): void {
    const gain = this.#gain;
    for (const { parameter, average } of this.#slots) {
      if (this.#count === 0) average.set(parameter.data);
      else this.#workspace.updates.approach(average, parameter.data, gain);
    }
    this.#count++;
  }

  get #gain(): number {
    const count = this.#count;
    if (this.#decay === undefined) return 1 / (count + 1);
    return 1 - (this.#rampUp ? Math.min(this.#decay, (1 + count) / (10 + count)) : this.#decay);
  }

  /**
   * Exchanges the weights with their averages, bit for bit, to evaluate or export these; a second call puts all back.
   *
   * @throws RangeError before the first `update`: there is nothing to exchange.
   */
  swap(): void {
    if (this.#count === 0) throw new RangeError("WeightAverage.swap: expected an update before, got none");
    for (const { parameter, average } of this.#slots) {
      const weights = parameter.data.slice();
      parameter.data.set(average);
      average.set(weights);
    }
  }

  /** Everything that decides its future, for a checkpoint; the arrays are live, not copies. */
  state(): WeightAverageState {
    return { count: this.#count, averages: new Map(this.#slots.map(({ name, average }) => [name, average])) };
  }

  /**
   * Continues from a saved state.
   *
   * @throws RangeError if an average is missing or of another length, or `count` is not an integer >= 0; nothing changes then.
   */
  loadState({ count, averages }: WeightAverageState): void {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`WeightAverage.loadState: expected an integer count >= 0, got ${count}`);
    }
    const saved = this.#slots.map((slot) => savedArray("WeightAverage.loadState", "an average", slot, averages));
    this.#slots.forEach(({ average }, index) => average.set(saved[index]));
    this.#count = count;
  }
}

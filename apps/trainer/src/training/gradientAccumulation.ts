/**
 * Gradient accumulation: several small batches, one after the other, give the gradients of the large one that they make up, in the memory
 * of a small one.
 *
 * The loss of a batch is the mean over the targets that count. That of the large batch is the mean of the small ones' losses, each
 * weighed by its share n_i / N of those targets; the same holds for the gradients:
 *
 *     loss = sum_i (n_i / N) loss_i            gradient = sum_i (n_i / N) gradient_i
 */

import type { TensorValue } from "@llm-learning/nn-core";
import { countTargets } from "./evaluation.ts";

/**
 * The share of each batch in the targets of all of them; undefined for one in which nothing is asked, whose loss is the mean of nothing.
 *
 * Where nothing is asked in any of them, that is the share of each, so that the loss is no number, as a large batch's.
 */
export function targetShares(batches: readonly { readonly targets: Int32Array }[]): (number | undefined)[] {
  const counts = batches.map(({ targets }) => countTargets(targets));
  const total = counts.reduce((sum, count) => sum + count);
  return counts.map((count) => (count === 0 && total > 0 ? undefined : count / total));
}

/** Adds up weighted losses and gradients of the batches of a step. */
export class GradientAccumulator {
  /** By parameter name, float32; those of the step that was added up last. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
  readonly #outputs: readonly (readonly [gradient: Float32Array, output: string])[];
  #loss = 0;

  /** @param outputs - Names of the parameters, and of their gradients among a program's outputs, with their numbers of elements. */
  constructor(outputs: readonly { readonly name: string; readonly output: string; readonly elementCount: number }[]) {
    this.gradients = Object.fromEntries(
      outputs.map(({ name, elementCount }) => [name, new Float32Array(elementCount)]),
    ) as Record<string, Float32Array>;
    this.#outputs = outputs.map(({ name, output }) => [this.gradients[name], output]);
  }

  /** Begins another step. */
  clear(): void {
    this.#loss = 0;
    for (const [gradient] of this.#outputs) gradient.fill(0);
  }

  /** Adds `share` times the loss and the gradients among `outputs`. */
  add(outputs: Readonly<Record<string, TensorValue>>, share: number): void {
    this.#loss += share * Number(outputs["loss"].data[0]);
    for (const [sum, output] of this.#outputs) addScaled(sum, outputs[output].data as Float32Array, share);
  }

  /** Sum of the weighted losses. */
  get loss(): number {
    return this.#loss;
  }

  /** Euclidean norm of all gradients together. */
  get norm(): number {
    return Math.sqrt(this.#outputs.reduce((total, [gradient]) => total + sumOfSquares(gradient), 0));
  }
}

function addScaled(sum: Float32Array, values: Float32Array, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] += factor * values[i];
}

function sumOfSquares(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}

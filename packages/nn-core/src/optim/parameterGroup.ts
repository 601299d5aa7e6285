/**
 * Groups of parameters that an optimizer treats alike.
 */

import { type Module, trainableParameters } from "../module.ts";
import type { Parameter } from "../parameter.ts";

/** Parameters by name, and how an optimizer treats them. */
export interface ParameterGroup {
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Decoupled weight decay, per unit of learning rate. */
  readonly weightDecay: number;
  /** Factor of the schedule's learning rate. @defaultValue 1 */
  readonly learningRateScale?: number;
}

/**
 * Matrices decay, vectors do not: two groups, as GPT-2's training does it.
 *
 * Weights of linear layers and embeddings (two dimensions or more) get `weightDecay`; biases and the weights of
 * normalizations get none.
 */
export function decayGroups(module: Module, weightDecay: number): ParameterGroup[] {
  const all = [...trainableParameters(module)];
  const isMatrix = ([, parameter]: [string, Parameter]): boolean => parameter.shape.length >= 2;
  return [
    { parameters: new Map(all.filter(isMatrix)), weightDecay },
    { parameters: new Map(all.filter((entry) => !isMatrix(entry))), weightDecay: 0 },
  ];
}

/**
 * Walking a model: its parameters by name.
 *
 * A layer is any object. Its parameters are found among its own properties, in the order in which the constructor made
 * them, through nested layers and arrays; the dotted path to a parameter is its name and its key in a state dict:
 * `blocks.0.attention.output.weight`.
 */

import { isParameter, type Parameter } from "./parameter.ts";
import { isTensor } from "./tensor.ts";

/** Anything with parameters somewhere in it. */
export type Module = object;

/**
 * Every parameter of `module` with its dotted path, in declaration order.
 *
 * A parameter that is reached by two paths (tied weights) appears once, under the first.
 */
export function namedParameters(module: Module): Map<string, Parameter> {
  const named = new Map<string, Parameter>();
  const seen = new Set<object>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null || seen.has(value) || ArrayBuffer.isView(value) || isTensor(value))
      return;
    seen.add(value);
    if (isParameter(value)) {
      named.set(path, value);
      return;
    }
    for (const [key, child] of Object.entries(value)) visit(child, path === "" ? key : `${path}.${key}`);
  };
  visit(module, "");
  return named;
}

/** The parameters of `module` that an optimizer may change, by name. */
export function trainableParameters(module: Module): Map<string, Parameter> {
  return new Map([...namedParameters(module)].filter(([, parameter]) => parameter.trainable));
}

/** Keeps every parameter of `module` as it is: no gradient is asked for, no optimizer changes it. */
export function freeze(module: Module): void {
  for (const parameter of namedParameters(module).values()) parameter.trainable = false;
}

/** Number of learned values in `module`; tied weights count once. */
export function parameterCount(module: Module): number {
  let count = 0;
  for (const parameter of trainableParameters(module).values()) count += parameter.elementCount;
  return count;
}

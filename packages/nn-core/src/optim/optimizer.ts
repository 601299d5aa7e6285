/**
 * What optimizers have in common: parameters from groups, the checks before a step, and what they remember.
 */

import { dataKind, dtypeOf } from "../dtype.ts";
import type { Parameter } from "../parameter.ts";
import type { ParameterGroup } from "./parameterGroup.ts";

/** What a step is told besides the gradients. */
export interface StepOptions {
  /** Learning rate of this step, >= 0. */
  learningRate: number;
  /** Multiplies every gradient first, as clipping asks for. @defaultValue 1 */
  gradientScale?: number;
}

/** A parameter, its name, and how its group treats it. */
export interface GroupedParameter {
  readonly name: string;
  readonly parameter: Parameter;
  readonly weightDecay: number;
  readonly learningRateScale: number;
}

/**
 * The parameters of all groups in order.
 *
 * @throws RangeError for a weight decay or learningRateScale that is negative or not finite, or a name in two groups.
 */
export function parametersOf(caller: string, groups: readonly ParameterGroup[]): GroupedParameter[] {
  const names = new Set<string>();
  return groups.flatMap(({ parameters, weightDecay, learningRateScale = 1 }) => {
    if (!(weightDecay >= 0 && weightDecay < Infinity)) {
      throw new RangeError(`${caller}: expected a finite weightDecay >= 0, got ${weightDecay}`);
    }
    if (!(learningRateScale >= 0 && learningRateScale < Infinity)) {
      throw new RangeError(`${caller}: expected a finite learningRateScale >= 0, got ${learningRateScale}`);
    }
    return [...parameters].map(([name, parameter]) => {
      if (names.has(name)) {
        throw new RangeError(`${caller}: expected each parameter in one group, got "${name}" in two`);
      }
      names.add(name);
      return { name, parameter, weightDecay, learningRateScale };
    });
  });
}

/** @throws RangeError for an option outside `[0, 1)`. */
export function checkShares(caller: string, shares: Readonly<Record<string, number>>): void {
  for (const [name, share] of Object.entries(shares)) {
    if (!(share >= 0 && share < 1)) throw new RangeError(`${caller}: expected ${name} in [0, 1), got ${share}`);
  }
}

/**
 * @throws RangeError for a missing gradient or one of another length, or a rate that is negative or not finite; TypeError for a gradient
 * that is no Float32Array.
 */
export function checkStep(
  caller: string,
  parameters: readonly GroupedParameter[],
  gradients: Readonly<Record<string, Float32Array>>,
  { learningRate, gradientScale = 1 }: StepOptions,
): void {
  if (!(learningRate >= 0 && learningRate < Infinity) || !Number.isFinite(gradientScale)) {
    throw new RangeError(
      `${caller}: expected a learningRate >= 0 and a finite gradientScale, got ${learningRate} and ${gradientScale}`,
    );
  }
  for (const { name, parameter } of parameters) {
    const gradient = gradients[name] as Float32Array | undefined;
    if (gradient !== undefined && dtypeOf(gradient) !== "float32") {
      throw new TypeError(
        `${caller}: expected a gradient that is a Float32Array for "${name}", got ${dataKind(gradient)}`,
      );
    }
    const length = gradient?.length;
    if (length !== parameter.elementCount) {
      throw new RangeError(
        `${caller}: expected a gradient of ${parameter.elementCount} values for "${name}", got ${length ?? "none"}`,
      );
    }
  }
}

/** @throws RangeError for a number of steps that is not an integer >= 0. */
export function checkSavedStep(caller: string, step: number): void {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new RangeError(`${caller}: expected an integer step >= 0, got ${step}`);
  }
}

/**
 * The saved array of a parameter.
 *
 * @param what - What the array is, with its article.
 * @throws RangeError if it is missing or of another length.
 */
export function savedArray(
  caller: string,
  what: string,
  { name, parameter }: Pick<GroupedParameter, "name" | "parameter">,
  saved: ReadonlyMap<string, Float32Array>,
): Float32Array {
  const values = saved.get(name);
  if (values?.length === parameter.elementCount) return values;
  throw new RangeError(
    `${caller}: expected ${what} of ${parameter.elementCount} values for "${name}", got ${values?.length ?? "none"}`,
  );
}

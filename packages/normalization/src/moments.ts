/**
 * Mean and variance of a batch over some of its axes. The normalizations by channels or groups differ in these axes.
 */

import { mean, type Shape, square, sub, type Tensor } from "@llm-learning/nn-core";

/** Statistics, and what is left of the values without their mean. */
export interface Moments {
  /** The values minus their mean; the shape of the input. */
  readonly deviation: Tensor;
  /** The shape of the input with size 1 along the axes. */
  readonly mean: Tensor;
  /** The biased variance, in the shape of `mean`. */
  readonly variance: Tensor;
}

/** Mean and biased variance of `x` over `axes`, the variance by way of the deviations, which loses no digits to a large mean. */
export function moments(x: Tensor, axes: readonly number[]): Moments {
  const center = mean(x, { axes, keepDims: true });
  const deviation = sub(x, center);
  return { deviation, mean: center, variance: mean(square(deviation), { axes, keepDims: true }) };
}

/** What makes the biased variance of `count` values the unbiased one. */
export function unbiasing(count: number): number {
  return count / (count - 1);
}

/** How many values `axes` hold together; undefined where one of them is a name. */
export function valuesAlong(shape: Shape, axes: readonly number[]): number | undefined {
  let count = 1;
  for (const axis of axes) {
    const dim = shape[axis];
    if (typeof dim !== "number") return undefined;
    count *= dim;
  }
  return count;
}

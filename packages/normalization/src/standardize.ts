/**
 * Standardization: values minus their mean, over the root of their variance. What every normalization by channels or groups does;
 * they differ in the axes.
 */

import { add, mean, mul, reciprocal, type Shape, sqrt, square, sub, type Tensor } from "@llm-learning/nn-core";

/** Values of mean 0 and variance 1, and the statistics that made them so. */
export interface Standardized {
  /** The shape of the input. */
  readonly standard: Tensor;
  /** The shape of the input with size 1 along the axes. */
  readonly mean: Tensor;
  /** The biased variance, in the shape of `mean`. */
  readonly variance: Tensor;
}

/**
 * `(x - mean) / sqrt(variance * n / (n - correction) + eps)`, with the mean and the biased variance of `x` over `axes`.
 *
 * @param options - `correction` other than 0 needs axes of known size.
 */
export function standardize(
  x: Tensor,
  axes: readonly number[],
  options: { eps: number; correction?: number },
): Standardized {
  const { eps, correction = 0 } = options;
  const center = mean(x, { axes, keepDims: true });
  const deviation = sub(x, center);
  const biased = mean(square(deviation), { axes, keepDims: true });
  const variance = correction === 0 ? biased : mul(biased, unbiasing(valuesAlong(x.shape, axes)!, correction));
  return { standard: mul(deviation, inverseStd(variance, eps)), mean: center, variance: biased };
}

/** `1 / sqrt(variance + eps)` */
export function inverseStd(variance: Tensor, eps: number): Tensor {
  return reciprocal(sqrt(add(variance, eps)));
}

/** What turns the biased variance of `count` values into the one that divides by `count - correction`. */
export function unbiasing(count: number, correction = 1): number {
  return count / (count - correction);
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

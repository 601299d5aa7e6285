/**
 * The second half of a normalization: deviations from a mean, brought to one size and then to the learned one.
 */

import { add, mul, type Operand, reciprocal, sqrt, type Tensor } from "@llm-learning/nn-core";

/** What a layer divides by besides the variance, and what it learned. */
export interface Rescaling {
  readonly eps: number;
  readonly weight?: Operand | undefined;
  readonly bias?: Operand | undefined;
}

/**
 * `deviation / sqrt(variance + eps) * weight + bias`
 *
 * The two factors are multiplied with each other first: they are small, the deviations are not.
 */
export function rescale(deviation: Tensor, variance: Operand, { eps, weight, bias }: Rescaling): Tensor {
  const inverseStd = reciprocal(sqrt(add(variance, eps)));
  const scaled = mul(deviation, weight === undefined ? inverseStd : mul(inverseStd, weight));
  return bias === undefined ? scaled : add(scaled, bias);
}

/** @throws RangeError if `eps` is negative or not finite. */
export function expectEps(layer: string, eps: number): number {
  if (!(eps >= 0 && eps < Infinity)) throw new RangeError(`${layer}: expected eps >= 0, got ${eps}`);
  return eps;
}

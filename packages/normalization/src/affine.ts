/**
 * The learned scale and shift after a normalization.
 */

import { add, mul, type Parameter, type Tensor } from "@llm-learning/nn-core";

/** `x * weight + bias`, over the last axis; either may be absent. */
export function affine(x: Tensor, weight: Parameter | undefined, bias: Parameter | undefined): Tensor {
  const scaled = weight === undefined ? x : mul(x, weight);
  return bias === undefined ? scaled : add(scaled, bias);
}

/** @throws RangeError if `eps` is negative or not finite. */
export function expectEps(layer: string, eps: number): number {
  if (!(eps >= 0 && eps < Infinity)) throw new RangeError(`${layer}: expected eps >= 0, got ${eps}`);
  return eps;
}

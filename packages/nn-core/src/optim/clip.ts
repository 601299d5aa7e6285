/**
 * Clipping gradients by their global norm (Pascanu et al. 2013, https://arxiv.org/abs/1211.5063).
 *
 * The norm is part of the graph, where it costs least; the scale it asks for is applied by the optimizer, in the pass
 * that reads the gradients anyway.
 */

import { add, square } from "../ops/arithmetic.ts";
import { sum } from "../ops/reduction.ts";
import { sqrt } from "../ops/unary.ts";
import type { Tensor } from "../tensor.ts";

/** Euclidean norm of all elements of all `tensors` together: a scalar. */
export function globalNorm(tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 0) throw new RangeError("globalNorm: expected at least one tensor, got none");
  return sqrt(tensors.map((tensor) => sum(square(tensor))).reduce((total, part) => add(total, part)));
}

/**
 * The factor that brings gradients of norm `norm` down to `maxNorm`: `min(1, maxNorm / (norm + 1e-6))`, as PyTorch's
 * clip_grad_norm_.
 *
 * @param maxNorm - Greater than 0; Infinity never clips.
 */
export function clipScale(norm: number, maxNorm: number): number {
  if (!(maxNorm > 0)) throw new RangeError(`clipScale: expected maxNorm > 0, got ${maxNorm}`);
  return Math.min(1, maxNorm / (norm + 1e-6));
}

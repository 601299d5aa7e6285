/**
 * Undoing a broadcast: the transpose of broadcasting is summation.
 */

import { sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { reshape } from "./reshape.ts";
import { sum } from "./reduction.ts";

/** Sums `x` over the axes along which `shape` was stretched to become `x.shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.rank - shape.length;
  const axes = x.shape.flatMap((dim, axis) => (axis < lead || (shape[axis - lead] === 1 && dim !== 1) ? [axis] : []));
  const isLeading = axes.every((axis) => axis < lead);
  return isLeading ? sum(x, { axes }) : reshape(sum(x, { axes, keepDims: true }), shape);
}

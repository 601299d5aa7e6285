/**
 * Statistics of all elements of a tensor in one small vector: what diagnostics read of every value that they watch.
 *
 * One op, not a composition, so that an engine can take as few passes over the tensor as it knows how to, and so that values that are
 * not numbers are counted on every engine alike.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { elementCount, formatShape, isStatic } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { expectFloat32 } from "./expectFloat32.ts";

const momentsOp: OpDefinition<"moments"> = {
  name: "moments",
  infer: ([x]) => {
    expectFloat32("moments", x);
    if (!isStatic(x.shape) || elementCount(x.shape) === 0) {
      throw new RangeError(
        `moments: expected a static shape of at least one element, got ${formatShape(x.shape)}; trace with numbers`,
      );
    }
    return [{ shape: [6], dtype: "float32" }];
  },
  vjp: () => [undefined],
};

/**
 * `[mean, std, min, max, NaN count, infinity count]` of all elements of `x`. Not differentiable.
 *
 * The standard deviation is the unbiased one, `sqrt(sum((x - mean)^2) / (n - 1))`, as PyTorch's `std`; NaN for one element. Where a
 * count is not 0 only the counts mean anything: engines differ in the others. Counts are exact up to 2^24.
 *
 * @param x - float32, of static shape.
 * @returns float32 `[6]`
 * @throws RangeError for a shape with named dimensions or without elements.
 */
export function moments(x: Operand): Tensor {
  return apply(momentsOp, [toTensor(x)], {})[0];
}

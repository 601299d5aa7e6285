/**
 * Dropout under a given mask (Srivastava et al. 2014).
 *
 * The mask is an input of the graph, drawn outside by a seeded generator: so that every engine drops the same elements and a
 * resumed run drops what the uninterrupted one would have.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { expectFloat32 } from "./expectFloat32.ts";

const dropoutOp: OpDefinition<"dropout"> = {
  name: "dropout",
  infer: ([x, mask], { keepProbability }) => {
    expectFloat32("dropout", x);
    if (mask.dtype !== "bool" || !sameShape(x.shape, mask.shape)) {
      throw new RangeError(
        `dropout: expected a bool mask of shape ${formatShape(x.shape)}, got ${mask.dtype} ${formatShape(mask.shape)}`,
      );
    }
    if (!(keepProbability > 0 && keepProbability <= 1)) {
      throw new RangeError(`dropout: expected a keepProbability in (0, 1], got ${keepProbability}`);
    }
    return [{ shape: x.shape, dtype: "float32" }];
  },
  vjp: ({ inputs: [, mask], attributes, cotangents: [g] }) => [dropout(g!, mask, attributes), undefined],
};

/**
 * `x / keepProbability` where `mask` is true, 0 elsewhere.
 *
 * Engines may multiply by the scaled mask instead of selecting, which is faster: what is dropped must be finite, because
 * Infinity and NaN times 0 are NaN.
 *
 * @param mask - bool, of the shape of `x`, true with probability `keepProbability`.
 */
export function dropout(x: Operand, mask: Tensor, options: { keepProbability: number }): Tensor {
  return apply(dropoutOp, [toTensor(x), mask], { keepProbability: options.keepProbability })[0];
}

/**
 * Looking up rows of a table, and the sum by row that is its gradient.
 */

import { isIndexDType } from "../dtype.ts";
import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const embeddingOp: OpDefinition<"embedding"> = {
  name: "embedding",
  infer: ([weight, indices]) => {
    if (weight.dtype !== "float32" || !isIndexDType(indices.dtype)) {
      throw new TypeError(
        `embedding: expected a float32 weight and int32 or int64 indices, got ${weight.dtype} and ${indices.dtype}`,
      );
    }
    if (weight.rank !== 2 || typeof weight.shape[0] !== "number") {
      throw new RangeError(
        `embedding: expected weight [numEmbeddings, embeddingDim], got ${formatShape(weight.shape)}`,
      );
    }
    return [{ shape: [...indices.shape, weight.shape[1]], dtype: "float32" }];
  },
  vjp: ({ inputs: [weight, indices], cotangents: [g] }) => [
    apply(embeddingGradOp, [g!, indices], { numEmbeddings: weight.shape[0] as number })[0],
    undefined,
  ],
};

const embeddingGradOp: OpDefinition<"embeddingGrad"> = {
  name: "embeddingGrad",
  infer: ([g], { numEmbeddings }) => [{ shape: [numEmbeddings, g.shape[g.rank - 1]], dtype: "float32" }],
  vjp: ({ inputs: [, indices], cotangents: [h] }) => [embedding(h!, indices), undefined],
};

/**
 * Row `indices[...]` of `weight` for each index.
 *
 * @param weight - `[numEmbeddings, embeddingDim]`
 * @param indices - int32 or int64, any shape, each in `[0, numEmbeddings)`.
 * @returns `[...indices.shape, embeddingDim]`
 */
export function embedding(weight: Operand, indices: Tensor): Tensor {
  return apply(embeddingOp, [toTensor(weight), indices], {})[0];
}

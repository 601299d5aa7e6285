/**
 * Picking elements along an axis by index, its gradient, and one-hot rows.
 */

import { isIndexDType } from "../dtype.ts";
import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { formatShape, normalizeAxis, sameShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";

const gatherOp: OpDefinition<"gather"> = {
  name: "gather",
  infer: ([x, indices], { axis }) => {
    checkIndices("gather", indices);
    const fits = x.rank === indices.rank && sameShape(x.shape.toSpliced(axis, 1), indices.shape.toSpliced(axis, 1));
    if (!fits) {
      throw new RangeError(
        `gather: expected indices of the shape ${formatShape(x.shape)} but for axis ${axis}, got ${formatShape(indices.shape)}`,
      );
    }
    return [{ shape: indices.shape, dtype: x.dtype }];
  },
  vjp: ({ inputs: [x, indices], attributes: { axis }, cotangents: [g] }) => {
    const size = x.shape[axis];
    if (typeof size !== "number") {
      throw new RangeError(`gather: expected axis ${axis} of known size for the gradient, got ${formatShape(x.shape)}`);
    }
    return [scatterAdd(g!, indices, { axis, size }), undefined];
  },
};

const scatterAddOp: OpDefinition<"scatterAdd"> = {
  name: "scatterAdd",
  infer: ([values, indices], { axis, size }) => {
    checkIndices("scatterAdd", indices);
    if (values.dtype !== "float32" || !sameShape(values.shape, indices.shape)) {
      throw new RangeError(
        `scatterAdd: expected float32 values and indices of one shape, ` +
          `got ${values.dtype} ${formatShape(values.shape)} and ${formatShape(indices.shape)}`,
      );
    }
    return [{ shape: values.shape.with(axis, size), dtype: "float32" }];
  },
  vjp: ({ inputs: [, indices], attributes: { axis }, cotangents: [h] }) => [gather(h!, indices, { axis }), undefined],
};

const oneHotOp: OpDefinition<"oneHot"> = {
  name: "oneHot",
  infer: ([indices], { depth }) => {
    checkIndices("oneHot", indices);
    return [{ shape: [...indices.shape, depth], dtype: "float32" }];
  },
  vjp: () => [undefined],
};

function checkIndices(op: string, indices: TensorType): void {
  if (!isIndexDType(indices.dtype)) throw new TypeError(`${op}: expected int32 or int64 indices, got ${indices.dtype}`);
}

/**
 * `y[..., i, ...] = x[..., indices[..., i, ...], ...]` along `axis`, as torch.gather.
 *
 * @param indices - int32 or int64, of the shape of `x` but for `axis`.
 */
export function gather(x: Operand, indices: Tensor, options: { axis: number }): Tensor {
  const tensor = toTensor(x);
  return apply(gatherOp, [tensor, indices], { axis: normalizeAxis("gather", options.axis, tensor.rank) })[0];
}

/**
 * Zeros with axis `axis` of `size`, to which `values` are added at `indices`: the transpose of `gather`.
 */
export function scatterAdd(values: Operand, indices: Tensor, options: { axis: number; size: number }): Tensor {
  const tensor = toTensor(values);
  const axis = normalizeAxis("scatterAdd", options.axis, tensor.rank);
  return apply(scatterAddOp, [tensor, indices], { axis, size: options.size })[0];
}

/**
 * A row of zeros with a 1 at the index; all zeros for an index outside `[0, depth)`.
 *
 * @returns float32 `[...indices.shape, depth]`
 */
export function oneHot(indices: Tensor, depth: number): Tensor {
  if (!Number.isSafeInteger(depth) || depth < 1)
    throw new RangeError(`oneHot: expected an integer depth >= 1, got ${depth}`);
  return apply(oneHotOp, [indices], { depth })[0];
}

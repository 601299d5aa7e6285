/**
 * Reshaping: the same elements in the same row-major order under another shape.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { type Dim, formatShape, normalizeAxis, product, sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const reshapeOp: OpDefinition<"reshape"> = {
  name: "reshape",
  infer: ([x], { shape }) => {
    if (product(x.shape) !== product(shape)) {
      throw new RangeError(
        `reshape: expected a shape of ${product(x.shape)} elements for ${formatShape(x.shape)}, ` +
          `got ${formatShape(shape)} of ${product(shape)}`,
      );
    }
    return [{ shape, dtype: x.dtype }];
  },
  vjp: ({ inputs: [x], cotangents: [g] }) => [reshape(g!, x.shape)],
};

/**
 * `x` under another shape with as many elements.
 *
 * @param shape - At most one -1, which stands for what is left; named dimensions must be those of `x`.
 * @throws RangeError if the numbers of elements differ.
 */
export function reshape(x: Operand, shape: Shape): Tensor {
  const tensor = toTensor(x);
  const resolved = shape.includes(-1) ? inferRest(tensor.shape, shape) : shape;
  return sameShape(tensor.shape, resolved) ? tensor : apply(reshapeOp, [tensor], { shape: [...resolved] })[0];
}

/** Joins the axes from `start` to `end` (inclusive; negative counts from the back) into one. */
export function flatten(x: Operand, start = 0, end = -1): Tensor {
  const tensor = toTensor(x);
  const first = normalizeAxis("flatten", start, tensor.rank);
  const last = normalizeAxis("flatten", end, tensor.rank);
  if (first > last) throw new RangeError(`flatten: expected start <= end, got axes ${first} and ${last}`);
  const { shape } = tensor;
  return reshape(tensor, [...shape.slice(0, first), product(shape.slice(first, last + 1)), ...shape.slice(last + 1)]);
}

/** Inserts an axis of size 1 at `axis`. */
export function expandDims(x: Operand, axis: number): Tensor {
  const tensor = toTensor(x);
  return reshape(tensor, tensor.shape.toSpliced(normalizeAxis("expandDims", axis, tensor.rank + 1), 0, 1));
}

/** Removes the axis `axis`, which must have size 1. */
export function squeeze(x: Operand, axis: number): Tensor {
  const tensor = toTensor(x);
  const index = normalizeAxis("squeeze", axis, tensor.rank);
  if (tensor.shape[index] !== 1) {
    throw new RangeError(`squeeze: expected size 1 on axis ${index}, got ${formatShape(tensor.shape)}`);
  }
  return reshape(tensor, tensor.shape.toSpliced(index, 1));
}

function inferRest(from: Shape, to: Shape): Dim[] {
  const known = to.filter((dim) => dim !== -1);
  const rest = known.length === to.length - 1 ? quotient(product(from), product(known)) : undefined;
  if (rest === undefined) {
    throw new RangeError(
      `reshape: expected a shape that divides ${formatShape(from)} with at most one -1, got ${formatShape(to)}`,
    );
  }
  return to.map((dim) => (dim === -1 ? rest : dim));
}

/** `total / part`, or undefined where it does not divide. */
function quotient(total: Dim, part: Dim): Dim | undefined {
  const remaining = String(total)
    .split("*")
    .filter((factor) => !/^\d+$/.test(factor));
  for (const factor of String(part).split("*")) {
    if (/^\d+$/.test(factor)) continue;
    const index = remaining.indexOf(factor);
    if (index === -1) return undefined;
    remaining.splice(index, 1);
  }
  const coefficient = coefficientOf(total) / coefficientOf(part);
  return Number.isInteger(coefficient) ? product([coefficient, ...remaining]) : undefined;
}

function coefficientOf(dim: Dim): number {
  return typeof dim === "number" ? dim : Number(/^\d+/.exec(dim)?.[0] ?? 1);
}

/**
 * Joining tensors along an axis, and cutting one into parts.
 */

import { zeros } from "../constant.ts";
import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { type Dim, formatShape, isStatic, normalizeAxis, sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { expandDims } from "./reshape.ts";

const concatOp: OpDefinition<"concat"> = {
  name: "concat",
  infer: (inputs, { axis, dim }) => {
    const [first] = inputs;
    for (const { shape, dtype } of inputs) {
      const fits = dtype === first.dtype && sameShape(shape.toSpliced(axis, 1), first.shape.toSpliced(axis, 1));
      if (fits && shape.length === first.rank) continue;
      throw new RangeError(
        `concat: expected tensors of one dtype and of shapes equal but for axis ${axis}, ` +
          `got ${first.dtype} ${formatShape(first.shape)} and ${dtype} ${formatShape(shape)}`,
      );
    }
    return [{ shape: first.shape.with(axis, dim), dtype: first.dtype }];
  },
  vjp: ({ inputs, attributes: { axis }, cotangents: [g] }) => {
    const sizes = inputs.map(({ shape }) => shape[axis]);
    if (isStatic(sizes)) return split(g!, sizes, { axis });
    throw new RangeError(`concat: expected joined axes of known size for the gradient, got ${formatShape(sizes)}`);
  },
};

const splitOp: OpDefinition<"split"> = {
  name: "split",
  infer: ([x], { axis, sizes }) => {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (x.shape[axis] !== total || sizes.some((size) => !Number.isSafeInteger(size) || size < 0)) {
      throw new RangeError(
        `split: expected sizes >= 0 that add up to ${x.shape[axis]} (axis ${axis} of ${formatShape(x.shape)}), got [${sizes.join(", ")}]`,
      );
    }
    return sizes.map((size) => ({ shape: x.shape.with(axis, size), dtype: x.dtype }));
  },
  vjp: ({ outputs, attributes: { axis }, cotangents }) => [
    concat(
      outputs.map((output, index) => cotangents[index] ?? zeros(staticShape(output.shape))),
      { axis },
    ),
  ],
};

function staticShape(shape: Shape): readonly number[] {
  if (isStatic(shape)) return shape;
  throw new RangeError(`split: expected a static shape where a part is not used, got ${formatShape(shape)}`);
}

/**
 * Joins tensors along `axis`.
 *
 * @param options - `axis` (default 0), and `dim`: the name of the joined axis, needed where its size is not a number.
 */
export function concat(tensors: readonly Operand[], options: { axis?: number; dim?: string } = {}): Tensor {
  if (tensors.length === 0) throw new RangeError("concat: expected at least one tensor, got none");
  const inputs = tensors.map((tensor) => toTensor(tensor));
  const axis = normalizeAxis("concat", options.axis ?? 0, inputs[0].rank);
  if (inputs.length === 1) return inputs[0];
  const sizes: Shape = inputs.map(({ shape }) => shape[axis]);
  const dim: Dim | undefined =
    options.dim ?? (isStatic(sizes) ? sizes.reduce((sum, size) => sum + size, 0) : undefined);
  if (dim === undefined) {
    throw new RangeError(
      `concat: expected a name for the joined axis (option dim), whose parts are ${formatShape(sizes)}, got none`,
    );
  }
  return apply(concatOp, inputs, { axis, dim })[0];
}

/** Joins tensors of one shape along a new axis. */
export function stack(tensors: readonly Operand[], options: { axis?: number } = {}): Tensor {
  const { axis = 0 } = options;
  return concat(
    tensors.map((tensor) => expandDims(tensor, axis)),
    { axis },
  );
}

/**
 * Cuts `x` along `axis` into parts of the given sizes, or into that many equal parts.
 *
 * @throws RangeError if the sizes do not add up to the axis.
 */
export function split(
  x: Operand,
  sizes: number | readonly number[],
  options: { axis?: number } = {},
): readonly Tensor[] {
  const tensor = toTensor(x);
  const axis = normalizeAxis("split", options.axis ?? 0, tensor.rank);
  const dim = tensor.shape[axis];
  if (typeof sizes !== "number") return apply(splitOp, [tensor], { axis, sizes: [...sizes] });
  if (typeof dim !== "number" || dim % sizes !== 0) {
    throw new RangeError(
      `split: expected axis ${axis} to divide into ${sizes} equal parts, got ${formatShape(tensor.shape)}`,
    );
  }
  return apply(splitOp, [tensor], { axis, sizes: Array.from({ length: sizes }, () => dim / sizes) });
}

/**
 * Reductions over axes: sum, mean, max, min, and what is made of them.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import type { Reduction } from "../opAttributes.ts";
import { type Dim, elementCount, formatShape, isStatic, normalizeAxis, type Shape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { div, mul, square, sub } from "./arithmetic.ts";
import { broadcastTo } from "./broadcastTo.ts";
import { cast } from "./cast.ts";
import { equal } from "./comparison.ts";
import { reshape } from "./reshape.ts";

/** Which axes, and whether they stay as size 1. */
export interface ReductionOptions {
  /** Negative axes count from the back. @defaultValue every axis */
  axes?: number | readonly number[];
  /** @defaultValue false */
  keepDims?: boolean;
}

type Name = "sum" | "mean" | "max" | "min";

function infer(name: Name, x: TensorType, { axes, keepDims }: Reduction): TensorType[] {
  if (x.dtype === "bool" || (name === "mean" && x.dtype !== "float32")) {
    throw new TypeError(
      `${name}: expected ${name === "mean" ? "float32" : "a number type"}, got ${x.dtype}; cast it first`,
    );
  }
  if (name !== "sum" && axes.some((axis) => x.shape[axis] === 0)) {
    throw new RangeError(
      `${name}: expected at least one element along axes ${axes.join(", ")}, got ${formatShape(x.shape)}`,
    );
  }
  const dims = keepDims ? withOnes(x.shape, axes) : x.shape.filter((_, axis) => !axes.includes(axis));
  return [{ shape: dims, dtype: x.dtype }];
}

function withOnes(shape: Shape, axes: readonly number[]): Dim[] {
  return shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
}

/** `g` stretched back over the reduced axes. */
function expand(g: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  return broadcastTo(reshape(g, withOnes(x.shape, axes)), x.shape);
}

const sumOp: OpDefinition<"sum"> = {
  name: "sum",
  infer: ([x], attributes) => infer("sum", x, attributes),
  vjp: ({ inputs: [x], attributes, cotangents: [g] }) => [expand(g!, x, attributes.axes)],
};

const meanOp: OpDefinition<"mean"> = {
  name: "mean",
  infer: ([x], attributes) => infer("mean", x, attributes),
  vjp: ({ inputs: [x], attributes: { axes }, cotangents: [g] }) => [
    expand(mul(g!, 1 / count("mean", x.shape, axes)), x, axes),
  ],
};

/** The gradient of an extremum is shared equally by the elements that reach it, as PyTorch's amax and amin. */
function defineExtremum<K extends "max" | "min">(name: K): OpDefinition<K> {
  return {
    name,
    infer: ([x], attributes) => infer(name, x, attributes),
    vjp: ({ inputs: [x], outputs: [y], attributes: { axes }, cotangents: [g] }) => {
      const reached = cast(equal(x, reshape(y, withOnes(x.shape, axes))), "float32");
      const share = div(reshape(g!, withOnes(x.shape, axes)), sum(reached, { axes, keepDims: true }));
      return [mul(reached, share)];
    },
  };
}

const maxOp = defineExtremum("max");
const minOp = defineExtremum("min");

function reduce<K extends Name>(op: OpDefinition<K>, x: Operand, options: ReductionOptions): Tensor {
  const tensor = toTensor(x);
  const attributes = normalize(op.name, tensor, options);
  return attributes.axes.length === 0 ? tensor : apply<Name>(op as OpDefinition<Name>, [tensor], attributes)[0];
}

function normalize(name: Name, x: Tensor, { axes, keepDims = false }: ReductionOptions): Reduction {
  const requested = axes === undefined ? x.shape.map((_, axis) => axis) : typeof axes === "number" ? [axes] : axes;
  const unique = new Set(requested.map((axis) => normalizeAxis(name, axis, x.rank)));
  return { axes: [...unique].toSorted((a, b) => a - b), keepDims };
}

function count(name: string, shape: Shape, axes: readonly number[]): number {
  const dims: Shape = axes.map((axis) => shape[axis]);
  if (!isStatic(dims)) {
    throw new RangeError(
      `${name}: expected reduced axes of known size, got axes ${axes.join(", ")} of ${formatShape(shape)}`,
    );
  }
  return elementCount(dims);
}

/** Sum over `axes`. */
export function sum(x: Operand, options: ReductionOptions = {}): Tensor {
  return reduce(sumOp, x, options);
}

/** Arithmetic mean over `axes`, which hold at least one element. */
export function mean(x: Operand, options: ReductionOptions = {}): Tensor {
  return reduce(meanOp, x, options);
}

/** Largest element over `axes`, which hold at least one. Where one is NaN, ONNX Runtime may give another element. */
export function max(x: Operand, options: ReductionOptions = {}): Tensor {
  return reduce(maxOp, x, options);
}

/** Smallest element over `axes`, which hold at least one. Where one is NaN, ONNX Runtime may give another element. */
export function min(x: Operand, options: ReductionOptions = {}): Tensor {
  return reduce(minOp, x, options);
}

/**
 * Variance over `axes`: the mean of squared deviations, times `n / (n - correction)`.
 *
 * @param options - `correction` 0 is the biased estimate, 1 the unbiased one. @defaultValue 1, as PyTorch
 */
export function variance(x: Operand, options: ReductionOptions & { correction?: number } = {}): Tensor {
  const { correction = 1, ...reduction } = options;
  const tensor = toTensor(x);
  const deviation = square(sub(tensor, mean(tensor, { ...reduction, keepDims: true })));
  if (correction === 0) return mean(deviation, reduction);
  const size = count("variance", tensor.shape, normalize("mean", tensor, reduction).axes);
  if (size <= correction) {
    throw new RangeError(
      `variance: expected more than ${correction} elements for correction ${correction}, got ${size}`,
    );
  }
  return mul(sum(deviation, reduction), 1 / (size - correction));
}

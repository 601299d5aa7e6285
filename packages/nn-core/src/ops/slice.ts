/**
 * Cutting a range out of an axis, and padding one.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { type Dim, formatShape, normalizeAxis, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { reshape } from "./reshape.ts";

const sliceOp: OpDefinition<"slice"> = {
  name: "slice",
  infer: ([x], { axis, start, end, step }) => [
    { shape: x.shape.with(axis, slicedSize(x.shape, axis, start, end, step)), dtype: x.dtype },
  ],
  vjp: ({ inputs: [x], outputs: [y], attributes: { axis, start, step }, cotangents: [g] }) => {
    const total = x.shape[axis];
    const size = y.shape[axis];
    if (typeof total !== "number" || typeof size !== "number") {
      throw new RangeError(`slice: expected an axis of known size for the gradient, got ${formatShape(x.shape)}`);
    }
    const spread = interleaveZeros(g!, axis, size, step);
    const length = spread.shape[axis] as number;
    const excess = Math.max(0, start + length - total);
    const trimmed = excess > 0 ? slice(spread, { axis, end: length - excess }) : spread;
    return [pad(trimmed, { axis, before: start, after: total - start - (length - excess) })];
  },
};

function slicedSize(shape: Shape, axis: number, start: number, end: number | undefined, step: number): Dim {
  const dim = shape[axis];
  if (typeof dim === "number") return Math.max(0, Math.ceil(((end ?? dim) - start) / step));
  if (start === 0 && end === undefined && step === 1) return dim;
  if (start < 0 && step === 1 && (end === undefined || (end < 0 && end > start))) return (end ?? 0) - start;
  if (start >= 0 && end !== undefined && end > start) return Math.ceil((end - start) / step);
  throw new RangeError(
    `slice: expected a range whose size is known on axis ${axis} of ${formatShape(shape)}, got ${start}:${end ?? ""}:${step}`,
  );
}

/** Puts `step - 1` zeros after each element of `axis`. */
function interleaveZeros(x: Tensor, axis: number, size: number, step: number): Tensor {
  if (step === 1) return x;
  const apart = reshape(x, x.shape.toSpliced(axis + 1, 0, 1));
  return reshape(pad(apart, { axis: axis + 1, after: step - 1 }), x.shape.with(axis, size * step));
}

const padOp: OpDefinition<"pad"> = {
  name: "pad",
  infer: ([x], { axis, before, after }) => {
    const dim = x.shape[axis];
    if (typeof dim !== "number") {
      throw new RangeError(`pad: expected an axis of known size, got axis ${axis} of ${formatShape(x.shape)}`);
    }
    return [{ shape: x.shape.with(axis, before + dim + after), dtype: x.dtype }];
  },
  vjp: ({ inputs: [x], attributes: { axis, before }, cotangents: [g] }) => [
    slice(g!, { axis, start: before, end: before + (x.shape[axis] as number) }),
  ],
};

/** A range of one axis, as Python's `start:end:step`. */
export interface SliceOptions {
  axis: number;
  /** Negative counts from the end. @defaultValue 0 */
  start?: number;
  /** Exclusive; negative counts from the end. @defaultValue the end */
  end?: number;
  /** At least 1. @defaultValue 1 */
  step?: number;
}

/**
 * The elements `start:end:step` of one axis; ranges beyond the axis are cut off, as in Python.
 *
 * On a named dimension the size of the result must follow from the range alone: `start: -1` is the last element.
 */
export function slice(x: Operand, options: SliceOptions): Tensor {
  const tensor = toTensor(x);
  const { start = 0, end, step = 1 } = options;
  const axis = normalizeAxis("slice", options.axis, tensor.rank);
  const integers = Number.isSafeInteger(start) && (end === undefined || Number.isSafeInteger(end));
  if (!integers || !Number.isSafeInteger(step) || step < 1) {
    throw new RangeError(`slice: expected integers start and end and a step >= 1, got ${start}:${end ?? ""}:${step}`);
  }
  const dim = tensor.shape[axis];
  if (typeof dim === "string") {
    const everything = start === 0 && end === undefined && step === 1;
    return everything ? tensor : apply(sliceOp, [tensor], { axis, start, end, step })[0];
  }
  const from = clampIndex(start, dim);
  const to = Math.max(from, clampIndex(end ?? dim, dim));
  if (from === 0 && to === dim && step === 1) return tensor;
  return apply(sliceOp, [tensor], { axis, start: from, end: to, step })[0];
}

function clampIndex(index: number, dim: number): number {
  return Math.min(dim, Math.max(0, index < 0 ? index + dim : index));
}

/** How far to pad one axis. */
export interface PadOptions {
  axis: number;
  /** Elements added in front, >= 0. @defaultValue 0 */
  before?: number;
  /** Elements added behind, >= 0. @defaultValue 0 */
  after?: number;
  /** @defaultValue 0 */
  value?: number;
}

/** `x` with constant elements added at the ends of one axis. */
export function pad(x: Operand, options: PadOptions): Tensor {
  const tensor = toTensor(x);
  const { before = 0, after = 0, value = 0 } = options;
  const axis = normalizeAxis("pad", options.axis, tensor.rank);
  for (const amount of [before, after]) {
    if (!Number.isSafeInteger(amount) || amount < 0) {
      throw new RangeError(`pad: expected integers >= 0, got before ${before} and after ${after}`);
    }
  }
  return before === 0 && after === 0 ? tensor : apply(padOp, [tensor], { axis, before, after, value })[0];
}

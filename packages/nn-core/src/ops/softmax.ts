/**
 * Softmax and its logarithm over the last axis.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { formatShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { mul, sub } from "./arithmetic.ts";
import { sum } from "./reduction.ts";
import { exp } from "./unary.ts";

function infer(name: string, x: TensorType): TensorType[] {
  if (x.dtype !== "float32" || x.shape.length === 0) {
    throw new RangeError(`${name}: expected float32 of rank >= 1, got ${x.dtype} ${formatShape(x.shape)}`);
  }
  return [{ shape: x.shape, dtype: "float32" }];
}

const softmaxOp: OpDefinition<"softmax"> = {
  name: "softmax",
  infer: ([x]) => infer("softmax", x),
  vjp: ({ outputs: [y], cotangents: [g] }) => {
    const gy = mul(g!, y);
    return [sub(gy, mul(y, sum(gy, { axes: -1, keepDims: true })))];
  },
};

const logSoftmaxOp: OpDefinition<"logSoftmax"> = {
  name: "logSoftmax",
  infer: ([x]) => infer("logSoftmax", x),
  vjp: ({ outputs: [y], cotangents: [g] }) => [sub(g!, mul(exp(y), sum(g!, { axes: -1, keepDims: true })))],
};

/** `exp(x) / sum(exp(x))` over the last axis, computed after subtracting the maximum. */
export function softmax(x: Operand): Tensor {
  return apply(softmaxOp, [toTensor(x)], {})[0];
}

/** `x - log(sum(exp(x)))` over the last axis, computed after subtracting the maximum. */
export function logSoftmax(x: Operand): Tensor {
  return apply(logSoftmaxOp, [toTensor(x)], {})[0];
}

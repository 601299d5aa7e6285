/**
 * Elementwise arithmetic on two operands that broadcast: add, sub, mul, div, pow, maximum, minimum.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import type { OpName } from "../opAttributes.ts";
import { broadcastShapes } from "../shape.ts";
import { isTensor, type Tensor, type TensorType } from "../tensor.ts";
import { lessEqual } from "./comparison.ts";
import { sumTo } from "./sumTo.ts";
import { exp, log, neg } from "./unary.ts";
import { where } from "./where.ts";

type Arithmetic = "add" | "sub" | "mul" | "div" | "pow" | "maximum" | "minimum";

/** The gradient by one operand before it is summed to that operand's shape. */
type OperandGradient = (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor;

function define<K extends Arithmetic>(name: K, byA: OperandGradient, byB: OperandGradient): OpDefinition<K> {
  return {
    name,
    infer: ([a, b]) => [inferBroadcast(name, a, b)],
    vjp: ({ inputs: [a, b], outputs: [y], cotangents: [g], needs }) => [
      needs(0) ? sumTo(byA(g!, a, b, y), a.shape) : undefined,
      needs(1) ? sumTo(byB(g!, a, b, y), b.shape) : undefined,
    ],
  };
}

/** The common dtype and the broadcast shape of two operands. */
export function inferBroadcast(op: OpName, a: TensorType, b: TensorType): TensorType {
  if (a.dtype !== b.dtype || (a.dtype === "bool" && !op.startsWith("logical"))) {
    throw new TypeError(
      `${op}: expected two operands of one numeric dtype, got ${a.dtype} and ${b.dtype}; cast one of them`,
    );
  }
  return { shape: broadcastShapes(op, a.shape, b.shape), dtype: a.dtype };
}

/** Both operands as tensors; a number takes the dtype of the other one. */
export function toTensors(a: Operand, b: Operand): [Tensor, Tensor] {
  return [toTensor(a, isTensor(b) ? b.dtype : undefined), toTensor(b, isTensor(a) ? a.dtype : undefined)];
}

const addOp = define(
  "add",
  (g) => g,
  (g) => g,
);
const subOp = define(
  "sub",
  (g) => g,
  (g) => neg(g),
);
const mulOp = define(
  "mul",
  (g, _a, b) => mul(g, b),
  (g, a) => mul(g, a),
);
const divOp = define(
  "div",
  (g, _a, b) => div(g, b),
  (g, _a, b, y) => neg(div(mul(g, y), b)),
);
const powOp = define(
  "pow",
  (g, a, b) => mul(g, mul(b, pow(a, sub(b, 1)))),
  (g, a, _b, y) => mul(g, mul(y, log(a))),
);
// Where both are equal the gradient goes to `a`, so that it is counted once.
const maximumOp = define(
  "maximum",
  (g, a, b) => where(lessEqual(b, a), g, 0),
  (g, a, b) => where(lessEqual(b, a), 0, g),
);
const minimumOp = define(
  "minimum",
  (g, a, b) => where(lessEqual(a, b), g, 0),
  (g, a, b) => where(lessEqual(a, b), 0, g),
);

function binary<K extends Arithmetic>(op: OpDefinition<K>, a: Operand, b: Operand): Tensor {
  return apply<Arithmetic>(op as unknown as OpDefinition<Arithmetic>, toTensors(a, b), {})[0];
}

/** `a + b`, broadcasting. */
export function add(a: Operand, b: Operand): Tensor {
  return binary(addOp, a, b);
}

/** `a - b`, broadcasting. */
export function sub(a: Operand, b: Operand): Tensor {
  return binary(subOp, a, b);
}

/** `a * b`, broadcasting. */
export function mul(a: Operand, b: Operand): Tensor {
  return binary(mulOp, a, b);
}

/** `a / b`, broadcasting; integers truncate toward zero. */
export function div(a: Operand, b: Operand): Tensor {
  return binary(divOp, a, b);
}

/** `a ** b`, broadcasting, for `a > 0`; the gradient by `b` takes the logarithm of `a`. */
export function pow(a: Operand, b: Operand): Tensor {
  return binary(powOp, a, b);
}

/** The larger of `a` and `b`, broadcasting; on a tie the gradient goes to `a`. */
export function maximum(a: Operand, b: Operand): Tensor {
  return binary(maximumOp, a, b);
}

/** The smaller of `a` and `b`, broadcasting; on a tie the gradient goes to `a`. */
export function minimum(a: Operand, b: Operand): Tensor {
  return binary(minimumOp, a, b);
}

/** `x * x`. */
export function square(x: Operand): Tensor {
  const tensor = toTensor(x);
  return mul(tensor, tensor);
}

/** `log(1 + exp(x))`, without overflow: `max(x, 0) + log(1 + exp(-|x|))`. */
export function softplus(x: Operand): Tensor {
  const tensor = toTensor(x);
  return add(maximum(tensor, 0), log(add(1, exp(minimum(tensor, neg(tensor))))));
}

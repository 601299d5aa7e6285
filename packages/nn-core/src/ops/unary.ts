/**
 * Elementwise functions of one operand.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { mul, square, sub } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { less } from "./comparison.ts";

type Unary =
  | "neg"
  | "abs"
  | "sign"
  | "exp"
  | "log"
  | "sqrt"
  | "reciprocal"
  | "sin"
  | "cos"
  | "erf"
  | "tanh"
  | "sigmoid"
  | "relu";

/** `gradient(g, x, y)` is `g * f'(x)`, where `y = f(x)`; absent for zero almost everywhere. */
function define<K extends Unary>(name: K, gradient?: (g: Tensor, x: Tensor, y: Tensor) => Tensor): OpDefinition<K> {
  const integers = name === "neg" || name === "abs";
  return {
    name,
    infer: ([x]) => {
      const fits = x.dtype === "float32" || (integers && x.dtype !== "bool");
      if (!fits) throw new TypeError(`${name}: expected a float32 operand, got ${x.dtype}`);
      return [{ shape: x.shape, dtype: x.dtype }];
    },
    vjp: ({ inputs: [x], outputs: [y], cotangents: [g] }) => [gradient?.(g!, x, y)],
  };
}

const negOp = define("neg", (g) => neg(g));
const absOp = define("abs", (g, x) => mul(g, sign(x)));
const signOp = define("sign");
const expOp = define("exp", (g, _x, y) => mul(g, y));
const logOp = define("log", (g, x) => mul(g, reciprocal(x)));
const sqrtOp = define("sqrt", (g, _x, y) => mul(g, mul(0.5, reciprocal(y))));
const reciprocalOp = define("reciprocal", (g, _x, y) => neg(mul(g, square(y))));
const sinOp = define("sin", (g, x) => mul(g, cos(x)));
const cosOp = define("cos", (g, x) => neg(mul(g, sin(x))));
const erfOp = define("erf", (g, x) => mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(square(x))))));
const tanhOp = define("tanh", (g, _x, y) => mul(g, sub(1, square(y))));
const sigmoidOp = define("sigmoid", (g, _x, y) => mul(g, mul(y, sub(1, y))));
// The gradient at 0 is 0, as PyTorch's. By a mask of ones and zeros: to select takes engines several passes. A gradient that has y as
// a factor, as that of its square, is 0 there already.
const reluOp = define("relu", (g, x, y) => (isMultipleOf(g, y) ? g : mul(g, cast(less(0, x), "float32"))));

/** Whether `y` is a factor of every term of `g`. */
function isMultipleOf(g: Tensor, y: Tensor): boolean {
  if (g.source.kind !== "node") return false;
  const { op, inputs } = g.source.node;
  if (op.name === "add") return inputs.every((term) => isMultipleOf(term, y));
  return op.name === "mul" && inputs.some((factor) => untapped(factor) === y);
}

/** What a tap passes on. */
function untapped(x: Tensor): Tensor {
  const { source } = x;
  return source.kind === "node" && source.node.op.name === "tap" ? untapped(source.node.inputs[0]) : x;
}

function unary<K extends Unary>(op: OpDefinition<K>, x: Operand): Tensor {
  return apply<Unary>(op as unknown as OpDefinition<Unary>, [toTensor(x)], {})[0];
}

/** `-x` */
export function neg(x: Operand): Tensor {
  return unary(negOp, x);
}

/** `|x|`; the gradient at 0 is 0. */
export function abs(x: Operand): Tensor {
  return unary(absOp, x);
}

/** -1, 0 or 1; its gradient is 0. */
export function sign(x: Operand): Tensor {
  return unary(signOp, x);
}

/** `e ** x` */
export function exp(x: Operand): Tensor {
  return unary(expOp, x);
}

/** Natural logarithm. */
export function log(x: Operand): Tensor {
  return unary(logOp, x);
}

/** Square root. */
export function sqrt(x: Operand): Tensor {
  return unary(sqrtOp, x);
}

/** `1 / x` */
export function reciprocal(x: Operand): Tensor {
  return unary(reciprocalOp, x);
}

/** Sine of radians. */
export function sin(x: Operand): Tensor {
  return unary(sinOp, x);
}

/** Cosine of radians. */
export function cos(x: Operand): Tensor {
  return unary(cosOp, x);
}

/** The error function, `2 / sqrt(pi)` times the integral of `exp(-t * t)` from 0 to `x`. */
export function erf(x: Operand): Tensor {
  return unary(erfOp, x);
}

/** Hyperbolic tangent. */
export function tanh(x: Operand): Tensor {
  return unary(tanhOp, x);
}

/** `1 / (1 + exp(-x))` */
export function sigmoid(x: Operand): Tensor {
  return unary(sigmoidOp, x);
}

/** `max(x, 0)`; the gradient at 0 is 0. */
export function relu(x: Operand): Tensor {
  return unary(reluOp, x);
}

/**
 * Kernels of ops that compute each element by itself, after broadcasting their operands to one shape.
 */

import type { DType } from "../dtype.ts";
import { isIndexDType } from "../dtype.ts";
import { broadcastShapes } from "../shape.ts";
import { erf } from "./erf.ts";
import type { Kernels } from "./kernel.ts";
import type { NdArray } from "./ndArray.ts";
import { ndArray } from "./ndArray.ts";
import { broadcast } from "./strided.ts";

type ElementwiseKernel = (inputs: readonly NdArray[]) => readonly NdArray[];

export const elementwiseKernels: Kernels<
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "maximum"
  | "minimum"
  | "equal"
  | "less"
  | "lessEqual"
  | "logicalAnd"
  | "logicalOr"
  | "logicalNot"
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
  | "relu"
  | "cast"
  | "tap"
  | "where"
> = {
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: ([a, b]) => (isIndexDType(a.dtype) ? integerDivision : floatDivision)([a, b]),
  pow: binary((a, b) => a ** b),
  maximum: binary((a, b) => Math.max(a, b)),
  minimum: binary((a, b) => Math.min(a, b)),

  equal: binary((a, b) => Number(a === b), "bool"),
  less: binary((a, b) => Number(a < b), "bool"),
  lessEqual: binary((a, b) => Number(a <= b), "bool"),
  logicalAnd: binary((a, b) => a & b),
  logicalOr: binary((a, b) => a | b),
  logicalNot: unary((x) => 1 - x),

  neg: unary((x) => -x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  reciprocal: unary((x) => 1 / x),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  erf: unary(erf),
  tanh: unary(Math.tanh),
  sigmoid: unary(sigmoid),
  relu: unary((x) => Math.max(x, 0)),

  cast: ([x], { dtype }) => [map(x, (element) => convert(element, dtype), dtype)],

  tap: ([x]) => [x],

  where: ([condition, a, b]) => {
    const shape = broadcastShapes("where", condition.shape, a.shape, b.shape) as readonly number[];
    const chosen = broadcast(condition, shape).data;
    const whenTrue = broadcast(a, shape).data;
    const whenFalse = broadcast(b, shape).data;
    const result = ndArray(a.dtype, shape);
    for (let i = 0; i < result.data.length; i++) result.data[i] = chosen[i] === 1 ? whenTrue[i] : whenFalse[i];
    return [result];
  },
};

/** `1 / (1 + exp(-x))`, arranged so that exp cannot overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const power = Math.exp(x);
  return power / (1 + power);
}

/** The array of `f(element)`. */
export function map(x: NdArray, f: (element: number) => number, dtype: DType = x.dtype): NdArray {
  const result = ndArray(dtype, x.shape);
  for (let i = 0; i < x.data.length; i++) result.data[i] = f(x.data[i]);
  return result;
}

function unary(f: (x: number) => number): ElementwiseKernel {
  return ([x]) => [map(x, f)];
}

function binary(f: (a: number, b: number) => number, dtype?: DType): ElementwiseKernel {
  return ([a, b]) => {
    const shape = broadcastShapes("broadcast", a.shape, b.shape) as readonly number[];
    const left = broadcast(a, shape).data;
    const right = broadcast(b, shape).data;
    const result = ndArray(dtype ?? a.dtype, shape);
    for (let i = 0; i < result.data.length; i++) result.data[i] = f(left[i], right[i]);
    return [result];
  };
}

const floatDivision = binary((a, b) => a / b);

const integerDivision = binary((a, b) => {
  if (b === 0) throw new RangeError("div: expected integer divisors other than 0, got 0");
  return Math.trunc(a / b);
});

/** Conversion between dtypes: integers are truncated toward zero and saturate, NaN becomes 0. */
function convert(element: number, dtype: DType): number {
  switch (dtype) {
    case "float32":
      return element;
    case "bool":
      return Number(element !== 0);
    case "int32":
      return truncate(element, -(2 ** 31), 2 ** 31 - 1);
    case "int64":
      return truncate(element, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  }
}

function truncate(element: number, least: number, greatest: number): number {
  return Number.isNaN(element) ? 0 : Math.min(Math.max(Math.trunc(element), least), greatest);
}

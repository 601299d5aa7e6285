/**
 * Elementwise ops: TensorFlow.js has a function for each, with the same broadcasting.
 */

import type { OpName } from "@llm-learning/nn-core";
import { dataTypeOf, type TensorFlow, type TfTensor } from "../tensorFlow.ts";
import type { Lowering, Lowerings } from "./lowering.ts";

export const elementwise: Lowerings<
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
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: ({ tf, inputs: [a, b] }) => (a.dtype === "int32" ? truncatedQuotient(tf, a, b) : tf.div(a, b)),
  pow: binary("pow"),
  maximum: binary("maximum"),
  minimum: binary("minimum"),

  equal: binary("equal"),
  less: binary("less"),
  lessEqual: binary("lessEqual"),
  logicalAnd: binary("logicalAnd"),
  logicalOr: binary("logicalOr"),
  logicalNot: unary("logicalNot"),

  neg: unary("neg"),
  abs: unary("abs"),
  sign: unary("sign"),
  exp: unary("exp"),
  log: unary("log"),
  sqrt: unary("sqrt"),
  reciprocal: unary("reciprocal"),
  sin: unary("sin"),
  cos: unary("cos"),
  erf: unary("erf"),
  tanh: unary("tanh"),
  sigmoid: unary("sigmoid"),
  relu: unary("relu"),
  // To bool by a comparison: the cast of the WebAssembly backend keeps the low byte of a number.
  cast: ({ tf, inputs: [x], attributes: { dtype } }) =>
    dtype === "bool" && x.dtype !== "bool" ? tf.notEqual(x, tf.scalar(0, x.dtype)) : tf.cast(x, dataTypeOf(dtype)),

  tap: ({ inputs: [x] }) => x,

  where: ({ tf, inputs: [condition, a, b] }) => {
    if (a.dtype !== "bool") return tf.where(condition, a, b);
    // The WebAssembly backend takes booleans for numbers here, and reads past them.
    const yes = tf.logicalAnd(condition, a);
    return tf.logicalOr(yes, tf.logicalAnd(tf.logicalNot(condition), b));
  },
};

/** Functions of the namespace by what they take. */
type NamesOf<F> = { [K in keyof TensorFlow]: TensorFlow[K] extends F ? K : never }[keyof TensorFlow];

function unary(name: NamesOf<(x: TfTensor) => TfTensor>): Lowering<OpName> {
  return ({ tf, inputs: [x] }) => (tf[name] as (x: TfTensor) => TfTensor)(x);
}

function binary(name: NamesOf<(a: TfTensor, b: TfTensor) => TfTensor>): Lowering<OpName> {
  return ({ tf, inputs: [a, b] }) => (tf[name] as (a: TfTensor, b: TfTensor) => TfTensor)(a, b);
}

/** TensorFlow.js divides integers towards minus infinity, nn-core towards 0. */
function truncatedQuotient(tf: TensorFlow, a: TfTensor, b: TfTensor): TfTensor {
  const size = tf.floorDiv(tf.abs(a), tf.abs(b));
  return tf.where(tf.equal(tf.less(a, 0), tf.less(b, 0)), size, tf.neg(size));
}

/**
 * Elementwise ops: ONNX has an operator for each, with the same broadcasting.
 */

import { type Lowerings, sameAs } from "./lowering.ts";

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
  add: sameAs("Add"),
  sub: sameAs("Sub"),
  mul: sameAs("Mul"),
  div: sameAs("Div"),
  pow: sameAs("Pow"),
  maximum: sameAs("Max"),
  minimum: sameAs("Min"),

  equal: sameAs("Equal"),
  less: sameAs("Less"),
  lessEqual: sameAs("LessOrEqual"),
  logicalAnd: sameAs("And"),
  logicalOr: sameAs("Or"),
  logicalNot: sameAs("Not"),

  neg: sameAs("Neg"),
  abs: sameAs("Abs"),
  sign: sameAs("Sign"),
  exp: sameAs("Exp"),
  log: sameAs("Log"),
  sqrt: sameAs("Sqrt"),
  reciprocal: sameAs("Reciprocal"),
  sin: sameAs("Sin"),
  cos: sameAs("Cos"),
  erf: sameAs("Erf"),
  tanh: sameAs("Tanh"),
  sigmoid: sameAs("Sigmoid"),
  relu: sameAs("Relu"),
  cast: ({ graph, inputs: [x], inputTypes, attributes: { dtype } }) =>
    inputTypes[0].dtype === dtype ? x : graph.cast(x, dtype),

  tap: ({ inputs: [x] }) => x,

  where: ({ graph, inputs: [condition, a, b], outputTypes }) => {
    if (outputTypes[0].dtype !== "bool") return graph.node("Where", [condition, a, b]);
    // The runtime has no Where on booleans.
    const yes = graph.node("And", [condition, a]);
    const no = graph.node("And", [graph.node("Not", [condition]), b]);
    return graph.node("Or", [yes, no]);
  },
};

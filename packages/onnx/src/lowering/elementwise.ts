/**
 * Elementwise ops: ONNX has an operator for each, with the same broadcasting. Only its quotient of integers has to be guarded.
 *
 * Two sums have a better one: of scalars, as a norm over many tensors is, all terms at once; and of something that is zero but at some
 * indices, which is added there alone.
 */

import { type Node, type OpName, sameShape, type Tensor } from "@llm-learning/nn-core";
import { int, string } from "./attributes.ts";
import type { LoweringContext } from "./lowering.ts";
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
  add: (context) => sumOfScalars(context) ?? sumAtIndices(context) ?? context.graph.node("Add", context.inputs),
  sub: sameAs("Sub"),
  mul: sameAs("Mul"),
  div,
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

/** Quotients; of integers, those by -1 are negations: the lowest integer by -1 is no integer, and ends the process. */
function div({ graph, inputs: [a, b], outputTypes: [{ dtype }] }: LoweringContext<"div">): string {
  if (dtype === "float32") return graph.node("Div", [a, b]);
  const isMinusOne = graph.node("Equal", [b, graph.scalar(-1, dtype)]);
  const quotient = graph.node("Div", [a, graph.node("Where", [isMinusOne, graph.scalar(1, dtype), b])]);
  return graph.node("Where", [isMinusOne, graph.node("Neg", [quotient]), quotient]);
}

/** All terms of a chain of sums of scalars, added up in their order. */
function sumOfScalars({
  graph,
  inputs: [a, b],
  operands,
  outputTypes: [{ shape, dtype }],
}: LoweringContext<"add">): string | undefined {
  const before = applied(operands[0], "add");
  if (shape.length > 0 || dtype !== "float32" || before === undefined) return undefined;
  return graph.node("Sum", [...(graph.producer(a)?.inputs ?? [a]), b]);
}

/** The first operand with what the second scatters added to it. */
function sumAtIndices({ graph, inputs: [a], operands, valueOf }: LoweringContext<"add">): string | undefined {
  const [whole, scattered] = operands;
  const scatter = applied(scattered, "scatterAdd");
  if (scatter === undefined || !sameShape(whole.shape, scattered.shape)) return undefined;
  const [values, indices] = scatter.inputs;
  const { axis } = scatter.attributes as { readonly axis: number };
  return graph.node("ScatterElements", [a, valueOf(indices), valueOf(values)], {
    axis: int(axis),
    reduction: string("add"),
  });
}

/** The node of op `name` that a tensor comes from, if it comes from one. */
function applied({ source }: Tensor, name: OpName): Node | undefined {
  return source.kind === "node" && source.node.op.name === name ? source.node : undefined;
}

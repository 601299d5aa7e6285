/**
 * Reductions: the axes are an input of ONNX's operators since opset 18.
 */

import { elementCount, isStatic, type OpName, sameShape } from "@llm-learning/nn-core";
import { float, int } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";
import type { Lowering, LoweringContext, Lowerings } from "./lowering.ts";
import { reshape } from "./shapeOps.ts";

export const reductions: Lowerings<"sum" | "mean" | "max" | "min" | "moments"> = {
  sum: (context) => {
    const [{ source }] = context.operands;
    const squared = source.kind === "node" && source.node.op.name === "mul" ? source.node.inputs : undefined;
    if (squared === undefined || squared[0] !== squared[1] || squared[0].dtype !== "float32") return sum(context);
    return sumOfSquares({ ...context, inputs: [context.valueOf(squared[0])] });
  },
  mean: (context) => weightedMean(context) ?? mean(context),
  max: reduction("ReduceMax"),
  min: reduction("ReduceMin"),

  // Four passes that only read and one that writes: on one axis, the runtime's reductions are its fastest.
  moments: ({ graph, inputs: [tensor], inputTypes: [{ shape }] }) => {
    const count = elementCount(shape as readonly number[]);
    const x = reshape(graph, tensor, shape, [count]);
    const reduce = (opType: string, value: string): string =>
      graph.node(opType, [value, graph.int64s([0])], { keepdims: int(1) }); // [1]
    const mean = reduce("ReduceMean", x);
    const squares = reduce("ReduceSumSquare", graph.node("Sub", [x, mean]));
    const std = graph.node("Sqrt", [graph.node("Div", [squares, graph.scalar(count - 1)])]);
    const extremes = [reduce("ReduceMin", x), reduce("ReduceMax", x)];
    return graph.node("Concat", [mean, std, ...extremes, ...nonFiniteCounts(graph, x, count, mean)], { axis: int(0) });
  },
};

/**
 * How many elements are NaN, and how many infinite: float32 [1] each.
 *
 * One such element makes the mean NaN or infinite. Only then is anything counted: the count is taken over a slice, which is empty
 * beside a mean that is a number.
 */
function nonFiniteCounts(graph: GraphBuilder, x: string, count: number, mean: string): string[] {
  const isSick = graph.node("IsNaN", [graph.node("Sub", [mean, mean])]); // inf - inf is NaN too
  const length = graph.node("Mul", [graph.cast(isSick, "int64"), graph.int64s([count])]);
  const suspects = graph.node("Slice", [x, graph.int64s([0]), length]);
  return ["IsNaN", "IsInf"].map((opType) => {
    const found = graph.cast(graph.node(opType, [suspects]), "float32");
    return graph.node("ReduceSum", [found, graph.int64s([0])], { keepdims: int(1) });
  });
}

/** The mean of each row of a matrix times a vector: a product with the vector, which does not write what is averaged. */
function weightedMean({
  graph,
  operands: [x],
  attributes: { axes, keepDims },
  valueOf,
}: LoweringContext<"mean">): string | undefined {
  if (x.source.kind !== "node" || x.source.node.op.name !== "mul" || x.rank !== 2 || !isStatic(x.shape))
    return undefined;
  const [rows, weights] = x.source.node.inputs;
  const isOfRows = keepDims && axes.length === 1 && axes[0] === 1;
  if (!isOfRows || weights.rank !== 1 || !sameShape(rows.shape, x.shape)) return undefined;
  const [, C] = x.shape;
  const inputs = [valueOf(rows), reshape(graph, valueOf(weights), weights.shape, [1, C])];
  return graph.node("Gemm", inputs, { alpha: float(1 / C), transB: int(1) });
}

const mean = reduction<"mean">("ReduceMean");

const sum = reduction<"sum">("ReduceSum");

/** Squares and sums in one pass. */
const sumOfSquares = reduction<"sum">("ReduceSumSquare");

function reduction<K extends OpName & ("sum" | "mean" | "max" | "min")>(opType: string): Lowering<K> {
  return ({ graph, inputs: [x], attributes: { axes, keepDims } }) =>
    graph.node(opType, [x, graph.int64s(axes)], { keepdims: int(keepDims) });
}

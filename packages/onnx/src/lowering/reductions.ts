/**
 * Reductions: the axes are an input of ONNX's operators since opset 18.
 */

import type { OpName } from "@llm-learning/nn-core";
import { int } from "./attributes.ts";
import type { Lowering, Lowerings } from "./lowering.ts";

export const reductions: Lowerings<"sum" | "mean" | "max" | "min"> = {
  sum: reduction("ReduceSum"),
  mean: reduction("ReduceMean"),
  max: reduction("ReduceMax"),
  min: reduction("ReduceMin"),
};

function reduction<K extends OpName & ("sum" | "mean" | "max" | "min")>(opType: string): Lowering<K> {
  return ({ graph, inputs: [x], attributes: { axes, keepDims } }) =>
    graph.node(opType, [x, graph.int64s(axes)], { keepdims: int(keepDims) });
}

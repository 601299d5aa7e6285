/**
 * Scaled dot-product attention in primitive operators.
 *
 * Masks depend only on dimensions and on mask inputs, never on the layer, so all layers share them. Disallowed
 * scores get a large negative bias instead of -infinity: exp of it is exactly 0 beside any ordinary score, and a row
 * with nothing allowed stays finite, to be zeroed afterwards where such rows can exist.
 */

import type { Shape } from "@llm-learning/nn-core";
import { int } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";
import { batchedProduct } from "./linearAlgebra.ts";
import type { Lowerings } from "./lowering.ts";

/** Far below any score, yet a sum with one does not overflow. */
const disallowed = -1e30;

export const attention: Lowerings<"scaledDotProductAttention"> = {
  scaledDotProductAttention: ({ graph, inputs, inputTypes, attributes, isUsed }) => {
    const [q, k, v] = inputs;
    const { causal, scale, masked, keepProbability } = attributes;
    const [Tq, Tk] = [inputTypes[0].shape[2], inputTypes[1].shape[2]];
    const operand = (value: string, transposed = false) => ({ value, rank: 4, transposed });

    let scores = batchedProduct(graph, operand(q), operand(k, true), scale); // [B, H, Tq, Tk]
    const causalMask = causal ? mayAttendCausally(graph, [Tq, Tk]) : undefined;
    const mask = masked ? withAxis(graph, inputs[3], inputTypes[3].shape) : undefined;
    const allowed = both(graph, causalMask, mask);
    if (allowed !== undefined) {
      const bias = graph.node("Where", [allowed, graph.scalar(0), graph.scalar(disallowed)]);
      scores = graph.node("Add", [scores, bias]);
    }
    let probabilities = graph.node("Softmax", [scores], { axis: int(-1) });

    const mayBeEmpty = masked || (causal && !graph.dims.isAtLeast(Tk, Tq));
    const rowIsLive = allowed !== undefined && mayBeEmpty ? anyAllowed(graph, allowed) : undefined;
    const zeroProbabilities = rowIsLive !== undefined && isUsed(1);
    if (zeroProbabilities) probabilities = graph.node("Mul", [probabilities, rowIsLive]);

    let weights = probabilities;
    if (keepProbability !== undefined) {
      const kept = graph.cast(inputs[masked ? 4 : 3], "float32");
      weights = graph.node("Mul", [weights, graph.node("Mul", [kept, graph.scalar(1 / keepProbability)])]);
    }
    const y = graph.node("MatMul", [weights, v]); // [B, H, Tq, Dv]
    return [rowIsLive === undefined || zeroProbabilities ? y : graph.node("Mul", [y, rowIsLive]), probabilities];
  },
};

/** Which keys come no later than a query when both sequences end together: bool [Tq, Tk]. */
function mayAttendCausally(graph: GraphBuilder, [Tq, Tk]: Shape): string {
  const outer = graph.scope;
  graph.scope = "causalMask";
  let query = graph.range(Tq, "int64");
  if (Tq !== Tk) query = graph.node("Add", [query, graph.node("Sub", [graph.dims.scalar(Tk), graph.dims.scalar(Tq)])]);
  const column = graph.node("Unsqueeze", [query, graph.int64s([1])]);
  const mask = graph.node("LessOrEqual", [graph.range(Tk, "int64"), column]);
  graph.scope = outer;
  return mask;
}

/** A mask that is one value for everything, as a vector of one: reductions need an axis. */
function withAxis(graph: GraphBuilder, mask: string, shape: Shape): string {
  return shape.length === 0 ? graph.node("Reshape", [mask, graph.int64s([1])]) : mask;
}

function both(graph: GraphBuilder, a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return graph.node("And", [a, b]);
}

/** 1 for queries that may attend at least one key, else 0: float32 [..., Tq, 1]. */
function anyAllowed(graph: GraphBuilder, allowed: string): string {
  return graph.node("ReduceMax", [graph.cast(allowed, "float32"), graph.int64s([-1])], { keepdims: int(1) });
}

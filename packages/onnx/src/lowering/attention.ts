/**
 * Scaled dot-product attention: over a cache as one operator where that is wanted (`groupedQueryAttention.ts`), else in primitive
 * operators.
 *
 * Masks depend only on dimensions and on mask inputs, never on the layer, so all layers share them. A row with nothing allowed stays
 * finite, to be zeroed afterwards where such rows can exist.
 */

import { attentionOperand, type Dim, product, type Shape } from "@llm-learning/nn-core";
import { int } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";
import { groupedQueryAttention } from "./groupedQueryAttention.ts";
import { hiddenScores } from "./hiddenScores.ts";
import { batchedProduct, type MatrixOperand } from "./linearAlgebra.ts";
import type { Lowerings } from "./lowering.ts";
import { reshape } from "./shapeOps.ts";

export const attention: Lowerings<"scaledDotProductAttention"> = {
  scaledDotProductAttention: (context) => {
    const grouped = groupedQueryAttention(context);
    if (grouped !== undefined) return grouped;
    const { graph, inputs, inputTypes, outputTypes, attributes, isUsed } = context;
    const [q, k, v] = inputs;
    const { causal, window, scale, softCap, operands, keepProbability } = attributes;
    const [{ shape: outputShape }, { shape: scoresShape }] = outputTypes;
    const [B, H, Tq, Tk] = scoresShape;
    const Hkv = inputTypes[1].shape[1];
    const operand = (value: string, transposed = false): MatrixOperand => ({ value, rank: 4, transposed });
    const join = (value: string, shape: Shape): string => reshape(graph, value, shape, joinedGroups(shape, Hkv));
    const part = (value: string, shape: Shape): string => reshape(graph, value, joinedGroups(shape, Hkv), shape);

    const rows = join(q, inputTypes[0].shape); // [B, Hkv, H / Hkv * Tq, D]
    // Under a soft cap, the same node as that of the products that the gradient asks for again.
    let scores = batchedProduct(graph, operand(rows), operand(k, true), scale / (softCap ?? 1));
    scores = part(scores, scoresShape); // [B, H, Tq, Tk]
    if (softCap !== undefined) scores = graph.node("Mul", [graph.node("Tanh", [scores]), graph.scalar(softCap)]);

    const bias = attentionOperand(inputs, operands, "bias");
    if (bias !== undefined) scores = graph.node("Add", [scores, bias]);
    const mask = attentionOperand(inputs, operands, "mask");
    const maskShape = attentionOperand(inputTypes, operands, "mask")?.shape;
    const allowed = all(graph, [
      ...withinReach(graph, [Tq, Tk], { causal, window }),
      ...(mask !== undefined && maskShape ? [withAxis(graph, mask, maskShape)] : []),
    ]);
    if (allowed !== undefined) {
      scores = graph.node("Add", [scores, hiddenScores(graph, allowed)]);
    }
    const sinks = attentionOperand(inputs, operands, "sinks");
    let probabilities =
      sinks === undefined
        ? graph.node("Softmax", [scores], { axis: int(-1) })
        : softmaxWithSinks(graph, scores, sinks, [B, H, Tq]); // [B, H, Tq, Tk]

    // With a sink, a row with nothing allowed is exactly 0 already.
    const isPositional = causal || window !== undefined;
    const mayBeEmpty = sinks === undefined && (mask !== undefined || (isPositional && !graph.dims.isAtLeast(Tk, Tq)));
    const rowIsLive = allowed !== undefined && mayBeEmpty ? anyAllowed(graph, allowed) : undefined;
    const zeroProbabilities = rowIsLive !== undefined && isUsed(1);
    if (zeroProbabilities) probabilities = graph.node("Mul", [probabilities, rowIsLive]);

    // What dropout keeps is scaled by the product: a scaled mask would be as large as all pairs. The gradient asks for the same weights.
    const dropped = attentionOperand(inputs, operands, "dropout");
    const weights =
      dropped === undefined ? probabilities : graph.node("Mul", [probabilities, graph.cast(dropped, "float32")]);
    const heard = batchedProduct(graph, operand(join(weights, scoresShape)), operand(v), 1 / (keepProbability ?? 1));
    const y = part(heard, outputShape); // [B, H, Tq, Dv]
    return [rowIsLive === undefined || zeroProbabilities ? y : graph.node("Mul", [y, rowIsLive]), probabilities];
  },
};

/** Shape of `[B, H, T, D]` with the heads that share a head of keys under one another: `[B, Hkv, H / Hkv * T, D]`. */
function joinedGroups([B, H, T, D]: Shape, keyValueHeads: Dim): Shape {
  if (H === keyValueHeads) return [B, H, T, D];
  return [B, keyValueHeads, product([Number(H) / Number(keyValueHeads), T]), D];
}

/** Softmax over the keys and one more score for each head, [H], whose probability is cut off. */
function softmaxWithSinks(graph: GraphBuilder, scores: string, sinks: string, [B, H, Tq]: Shape): string {
  const byHead = graph.node("Reshape", [sinks, graph.int64s([1, -1, 1, 1])]);
  const column = graph.node("Expand", [byHead, graph.dims.shape([B, H, Tq, 1])]);
  const joined = graph.node("Concat", [scores, column], { axis: int(-1) }); // [B, H, Tq, Tk + 1]
  const probabilities = graph.node("Softmax", [joined], { axis: int(-1) });
  return graph.node("Slice", [probabilities, graph.int64s([0]), graph.int64s([-1]), graph.int64s([-1])]);
}

/** Which keys a query reaches by position when both sequences end together: bools [Tq, Tk]. */
function withinReach(
  graph: GraphBuilder,
  [Tq, Tk]: Shape,
  { causal, window }: { readonly causal: boolean; readonly window: number | undefined },
): string[] {
  if (!causal && window === undefined) return [];
  const outer = graph.scope;
  graph.scope = "reach";
  let query = graph.range(Tq, "int64");
  if (Tq !== Tk) query = graph.node("Add", [query, graph.node("Sub", [graph.dims.scalar(Tk), graph.dims.scalar(Tq)])]);
  const position = graph.node("Unsqueeze", [query, graph.int64s([1])]); // [Tq, 1]
  const keys = graph.range(Tk, "int64");
  const masks: string[] = [];
  if (causal) masks.push(graph.node("LessOrEqual", [keys, position]));
  if (window !== undefined) {
    const distance = graph.scalar(window, "int64");
    masks.push(graph.node("Less", [position, graph.node("Add", [keys, distance])]));
    if (!causal) masks.push(graph.node("Less", [keys, graph.node("Add", [position, distance])]));
  }
  graph.scope = outer;
  return masks;
}

/** A mask that is one value for everything, as a vector of one: reductions need an axis. */
function withAxis(graph: GraphBuilder, mask: string, shape: Shape): string {
  return shape.length === 0 ? graph.node("Reshape", [mask, graph.int64s([1])]) : mask;
}

function all(graph: GraphBuilder, masks: readonly string[]): string | undefined {
  return masks.length === 0 ? undefined : masks.reduce((a, b) => graph.node("And", [a, b]));
}

/** 1 for queries that may attend at least one key, else 0: float32 [..., Tq, 1]. */
function anyAllowed(graph: GraphBuilder, allowed: string): string {
  return graph.node("ReduceMax", [graph.cast(allowed, "float32"), graph.int64s([-1])], { keepdims: int(1) });
}

/**
 * Rotary positions: ONNX Runtime's RotaryEmbedding, or the products and sums that it stands for.
 *
 * The operator looks cosines and sines up in a table by position. Here they are given for each token, so the tokens' own numbers are
 * the positions. It takes heads side by side too, [B, T, H * D]: where they lie so, they stay.
 */

import { product, type Shape } from "@llm-learning/nn-core";
import { int } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";
import { headsApart, headsSideBySide } from "./headLayout.ts";
import type { Lowerings } from "./lowering.ts";
import { reshape } from "./shapeOps.ts";

export const rotary: Lowerings<"rotary"> = {
  rotary: ({ graph, inputs: [x, cos, sin], inputTypes: [{ shape }, { shape: angles }] }) => {
    const half = Number(angles.at(-1));
    if (!graph.contrib) return decomposed(graph, [x, cos, sin], [half, Number(shape.at(-1))]);
    const [B, H, T, D] = shape;
    const table = (values: string): string => reshape(graph, values, angles, [product(angles.slice(0, -1)), half]);
    const positions =
      angles.length === 2
        ? graph.int64s([0]) // the first row's number, from which the others are counted
        : reshape(graph, graph.range(product([B, T]), "int64"), [product([B, T])], [B, T]);
    const turned = graph.node(
      "com.microsoft.RotaryEmbedding",
      [headsSideBySide(graph, x, shape), positions, table(cos), table(sin)],
      {
        num_heads: int(Number(H)),
        ...(2 * half < Number(D) && { rotary_embedding_dim: int(2 * half) }),
      },
    ); // [B, T, H * D]
    return headsApart(graph, turned, [B, H, T, D]);
  },
};

function decomposed(graph: GraphBuilder, [x, cos, sin]: readonly string[], [half, width]: Shape): string {
  const sizes = [half, half, Number(width) - 2 * Number(half)].map(Number).filter((size) => size > 0);
  const [a, b, ...rest] = graph.nodeOutputs("Split", [x, graph.int64s(sizes)], { axis: int(-1) }, sizes.length);
  const times = (left: string, right: string): string => graph.node("Mul", [left, right]);
  const turned = [graph.node("Sub", [times(a, cos), times(b, sin)]), graph.node("Add", [times(b, cos), times(a, sin)])];
  return graph.node("Concat", [...turned, ...rest], { axis: int(-1) });
}

/**
 * Ops that read and write by index; ONNX takes int32 and int64 indices alike.
 */

import { type DType, product } from "@llm-learning/nn-core";
import { int, string } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";
import type { Lowerings } from "./lowering.ts";
import { reshape } from "./shapeOps.ts";

/** Up to this many rows, a product with one-hot rows is faster than adding element by element (measured on two cores). */
const largestOneHot = 192;

export const indexing: Lowerings<"embedding" | "embeddingGrad" | "gather" | "scatterAdd" | "oneHot"> = {
  embedding: ({ graph, inputs: [weight, indices] }) => graph.node("Gather", [weight, indices], { axis: int(0) }),

  embeddingGrad: ({ graph, inputs: [gradient, indices], inputTypes, attributes: { numEmbeddings } }) => {
    const [{ shape }, { shape: indexShape, dtype }] = inputTypes;
    const count = product(indexShape);
    const width = shape[shape.length - 1];
    const rows = reshape(graph, gradient, shape, [count, width]);
    const flat = reshape(graph, indices, indexShape, [count]);
    if (numEmbeddings <= largestOneHot) {
      return graph.node("Gemm", [oneHot(graph, flat, dtype, numEmbeddings), rows], { transA: int(1) });
    }
    // Not ScatterND: ONNX Runtime splits it among threads, which then race to add to the same row.
    const start = zeros(graph, graph.dims.shape([numEmbeddings, width]));
    const column = reshape(graph, flat, [count], [count, 1]);
    const at = graph.node("Expand", [column, graph.dims.shape([count, width])]);
    return graph.node("ScatterElements", [start, at, rows], { axis: int(0), reduction: string("add") });
  },

  gather: ({ graph, inputs: [x, indices], attributes: { axis } }) =>
    graph.node("GatherElements", [x, indices], { axis: int(axis) }),

  scatterAdd: ({ graph, inputs: [gradient, indices], outputTypes, attributes: { axis } }) => {
    const start = zeros(graph, graph.dims.shape(outputTypes[0].shape));
    return graph.node("ScatterElements", [start, indices, gradient], { axis: int(axis), reduction: string("add") });
  },

  oneHot: ({ graph, inputs: [indices], inputTypes, attributes: { depth } }) => {
    const { dtype } = inputTypes[0];
    // ONNX counts negative indices from the end; here they are out of range, which gives zeros.
    const isNegative = graph.node("Less", [indices, graph.scalar(0, dtype)]);
    const safe = graph.node("Where", [isNegative, graph.scalar(depth, dtype), indices]);
    return oneHot(graph, safe, dtype, depth);
  },
};

function oneHot(graph: GraphBuilder, indices: string, dtype: DType, depth: number): string {
  const offAndOn = graph.constant(Float32Array.of(0, 1), [2], "float32");
  const size = graph.scalar(depth, dtype === "int32" ? "int32" : "int64");
  return graph.node("OneHot", [indices, size, offAndOn], { axis: int(-1) });
}

function zeros(graph: GraphBuilder, shape: string): string {
  return graph.node("ConstantOfShape", [shape]);
}

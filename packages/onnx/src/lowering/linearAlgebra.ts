/**
 * Matrix products.
 *
 * Two-dimensional ones are Gemm (`matrixProduct.ts`). Batched ones are MatMul, or ONNX Runtime's FusedMatMul where that saves writing a
 * transposed copy.
 */

import { isStatic, product, sameShape, type Shape, type Tensor } from "@llm-learning/nn-core";
import { float, int } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";
import type { Lowerings } from "./lowering.ts";
import { matrixProduct } from "./matrixProduct.ts";
import { reshape } from "./shapeOps.ts";

export const linearAlgebra: Lowerings<"matmul" | "linear"> = {
  matmul: ({ graph, inputs: [a, b], inputTypes, operands, valueOf, attributes: { transposeA, transposeB } }) => {
    const [rankA, rankB] = inputTypes.map(({ shape }) => shape.length);
    if (rankA === 2 && rankB === 2) {
      const [left, right] = inputTypes;
      return matrixProduct(
        graph,
        { value: a, shape: left.shape, transposed: transposeA },
        { value: b, shape: right.shape, transposed: transposeB },
      );
    }
    const [left, right] = operands.map(scaledOperand);
    return batchedProduct(
      graph,
      { value: valueOf(left.tensor), rank: rankA, transposed: transposeA },
      { value: valueOf(right.tensor), rank: rankB, transposed: transposeB },
      left.scale * right.scale,
    );
  },

  linear: ({ graph, inputs: [x, weight, bias], inputTypes: [{ shape }, { shape: weightShape }], outputTypes }) => {
    // With rows of unknown number and a fixed weight, MatMul: the runtime transposes and packs the weight once.
    if (graph.isConstant(weight) && !isStatic(shape)) {
      const y = graph.node("MatMul", [x, graph.transpose(weight, [1, 0])]);
      return bias === undefined ? y : graph.node("Add", [y, bias]);
    }
    const rows = product(shape.slice(0, -1));
    const [outFeatures, inFeatures] = weightShape;
    const flat: Shape = [rows, inFeatures];
    const y = matrixProduct(
      graph,
      { value: reshape(graph, x, shape, flat), shape: flat, transposed: false },
      { value: weight, shape: weightShape, transposed: true },
      bias,
    );
    return reshape(graph, y, [rows, outFeatures], outputTypes[0].shape);
  },
};

/** What an operand is a number of times, and that number: the product takes it along. */
function scaledOperand(tensor: Tensor): { readonly tensor: Tensor; readonly scale: number } {
  const { source, shape } = tensor;
  if (source.kind === "node" && source.node.op.name === "mul") {
    const [x, factor] = source.node.inputs;
    const isScaled =
      sameShape(x.shape, shape) && factor.source.kind === "constant" && factor.source.exact !== undefined;
    if (isScaled) return { tensor: x, scale: factor.source.exact };
  }
  return { tensor, scale: 1 };
}

export interface MatrixOperand {
  readonly value: string;
  readonly rank: number;
  /** Whether the last two axes are to be swapped. */
  readonly transposed: boolean;
}

/** `scale * a @ b` over leading axes that broadcast. */
export function batchedProduct(graph: GraphBuilder, a: MatrixOperand, b: MatrixOperand, scale = 1): string {
  if (graph.contrib && (a.transposed || b.transposed || scale !== 1)) {
    return graph.node("com.microsoft.FusedMatMul", [a.value, b.value], {
      alpha: float(scale),
      transA: int(a.transposed),
      transB: int(b.transposed),
    });
  }
  const left = scale === 1 ? a.value : graph.node("Mul", [a.value, graph.scalar(scale)]);
  return graph.node("MatMul", [swapped(graph, { ...a, value: left }), swapped(graph, b)]);
}

function swapped(graph: GraphBuilder, { value, rank, transposed }: MatrixOperand): string {
  if (!transposed) return value;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return graph.transpose(value, [...axes.slice(0, -2), rank - 1, rank - 2]);
}

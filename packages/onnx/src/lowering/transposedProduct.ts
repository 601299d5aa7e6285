/**
 * `A^T B`, the product that gives a weight its gradient, as one of operands that lie as they are read.
 *
 * ONNX Runtime's product copies a transposed first operand anew for every 128 columns of the result. Transposing once beforehand is
 * faster where the product is large: of 2048 rows by 10 to 25 % on one core. What is transposed is A, or B and the result, whichever
 * is less.
 *
 * @see MlasSgemmOperation in https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/mlas/lib/sgemm.cpp
 */

import { isStatic, type Shape } from "@llm-learning/nn-core";
import type { GraphBuilder } from "./graphBuilder.ts";
import { reshape } from "./shapeOps.ts";

/** Multiplications from which on a copy costs little beside them: about 0.1 ms on one core. */
const LARGE = 2 ** 23;

/**
 * The product of `a` `[K, M]`, transposed, and `b` `[K, N]`; undefined where the product does better by reading `a` transposed.
 *
 * @param shapes - Of `a` and `b`.
 */
export function transposedProduct(
  graph: GraphBuilder,
  [a, b]: readonly string[],
  shapes: readonly [Shape, Shape],
): string | undefined {
  const [left, right] = shapes;
  if (!isStatic(left) || !isStatic(right)) return undefined;
  const [[K, M], [, N]] = [left, right];
  if (K * M * N < LARGE) return undefined;
  if (K * M <= (K + M) * N) return graph.node("Gemm", [transposed(graph, a, [K, M]), b]);
  return transposed(graph, graph.node("Gemm", [transposed(graph, b, [K, N]), a]), [N, M]);
}

/** A matrix, transposed among three axes: the runtime would take a transpose of two back into the product. */
function transposed(graph: GraphBuilder, x: string, [rows, columns]: readonly [number, number]): string {
  const one = reshape(graph, x, [rows, columns], [1, rows, columns]);
  return reshape(graph, graph.transpose(one, [0, 2, 1]), [1, columns, rows], [columns, rows]);
}

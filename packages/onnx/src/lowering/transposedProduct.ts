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
import { int } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";

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
  if (K * M <= (K + M) * N) return graph.node("Gemm", [apart(graph, graph.transpose(a, [1, 0])), b]);
  const product = graph.node("Gemm", [apart(graph, graph.transpose(b, [1, 0])), a]); // [N, M]
  return graph.transpose(apart(graph, product), [1, 0]);
}

/** A matrix, flattened to the matrix that it is: between a transpose and a product it keeps the runtime from taking one into the other. */
function apart(graph: GraphBuilder, matrix: string): string {
  return graph.node("Flatten", [matrix], { axis: int(1) });
}

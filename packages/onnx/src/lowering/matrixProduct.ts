/**
 * Products of two matrices, with the same bits however many threads share them.
 *
 * ONNX Runtime shares a result with more columns than rows by columns, in steps of 16, and any other by rows. How much of the inner axis
 * it adds up at once depends on how many columns a thread has: 128 products where they are more than 64, else twice as many for every
 * halving of them. So a result is computed as its transpose, which is shared by rows, wherever the columns would decide. Where a first
 * operand is read transposed it is always 128.
 *
 * Products of batches (`linearAlgebra.ts`) are as the runtime has them: whole matrices go to threads, and are shared only where there are
 * fewer of them than threads.
 *
 * @see MlasSgemmOperation and MlasSgemmThreaded in https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/mlas/lib/sgemm.cpp
 */

import { isStatic, type Shape } from "@llm-learning/nn-core";
import { int } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";

/** Multiplications from which on a copy costs little beside them: about 0.1 ms on one core. */
const LARGE = 2 ** 23;

/** Most products that are added up at once where a thread has more columns than `WIDE`. */
const [AT_ONCE, WIDE] = [128, 64];

/** Threads have multiples of so many columns. */
const COLUMNS = 16;

/** A matrix, and its shape as it lies. */
export interface Matrix {
  readonly value: string;
  readonly shape: Shape;
  /** Whether its transpose is meant. */
  readonly transposed: boolean;
}

/** `a @ b`, plus `bias` [N] in every row. */
export function matrixProduct(graph: GraphBuilder, a: Matrix, b: Matrix, bias?: string): string {
  const sizes = sizesOf(a, b);
  if (sizes !== undefined) {
    if (a.transposed && !b.transposed && bias === undefined && volume(sizes) >= LARGE) {
      return transposedProduct(graph, [a.value, b.value], sizes);
    }
    if (!a.transposed && dependsOnThreads(sizes, graph.threads)) {
      const column = bias === undefined ? undefined : graph.node("Unsqueeze", [bias, graph.int64s([1])]); // [N, 1]
      return apart(graph, turned(graph, gemm(graph, flipped(b), flipped(a), column)));
    }
  }
  return gemm(graph, a, b, bias);
}

/** Rows, the inner axis and columns of a product, where all are known. */
type Sizes = readonly [M: number, K: number, N: number];

function sizesOf(a: Matrix, b: Matrix): Sizes | undefined {
  if (!isStatic(a.shape) || !isStatic(b.shape)) return undefined;
  const [M, K] = a.transposed ? a.shape.toReversed() : a.shape;
  return [M, K, b.shape[b.transposed ? 0 : 1]];
}

function volume([M, K, N]: Sizes): number {
  return M * K * N;
}

/**
 * Whether the bits of a product whose operands are read as they lie depend on how many threads there are, or are others than those of its
 * transpose: bits are to be the latter's with any number of threads.
 */
function dependsOnThreads([M, K, N]: Sizes, threads: number | undefined): boolean {
  // One row is a vector's product, which each thread adds up as one does.
  if (threads === undefined || M === 1 || M >= N || K <= AT_ONCE) return false;
  const steps = Math.ceil(N / COLUMNS);
  const narrowest = Math.floor(steps / threads) * COLUMNS - (steps * COLUMNS - N);
  return M <= WIDE || narrowest <= WIDE;
}

/**
 * The product of `a` `[K, M]`, transposed, and `b` `[K, N]`, which gives a weight its gradient, as one of operands that lie as they are read.
 *
 * ONNX Runtime's product copies a transposed first operand anew for every 128 columns of the result. Transposing once beforehand is
 * faster where the product is large: of 2048 rows by 10 to 25 % on one core. What is transposed is A, or B and the result, whichever
 * is less and depends on no threads.
 */
function transposedProduct(graph: GraphBuilder, [a, b]: readonly string[], [M, K, N]: Sizes): string {
  const isLess = K * M <= (K + M) * N;
  const isFree = (sizes: Sizes): boolean => !dependsOnThreads(sizes, graph.threads);
  const straight = isFree([M, K, N]) && (isLess || !isFree([N, K, M]));
  if (straight) return graph.node("Gemm", [apart(graph, graph.transpose(a, [1, 0])), b]);
  return turned(graph, graph.node("Gemm", [apart(graph, graph.transpose(b, [1, 0])), a]));
}

function gemm(graph: GraphBuilder, a: Matrix, b: Matrix, bias?: string): string {
  const inputs = [a.value, b.value, ...(bias === undefined ? [] : [bias])];
  return graph.node("Gemm", inputs, { transA: int(a.transposed), transB: int(b.transposed) });
}

function flipped({ transposed, ...matrix }: Matrix): Matrix {
  return { ...matrix, transposed: !transposed };
}

/** The transpose of a product. */
function turned(graph: GraphBuilder, product: string): string {
  return graph.transpose(apart(graph, product), [1, 0]);
}

/** A matrix, flattened to the matrix that it is: between a transpose and a product it keeps the runtime from taking one into the other. */
function apart(graph: GraphBuilder, matrix: string): string {
  return graph.node("Flatten", [matrix], { axis: int(1) });
}

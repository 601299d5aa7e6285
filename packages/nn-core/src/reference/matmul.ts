/**
 * Kernels of matrix products.
 */

import { broadcastShapes, elementCount } from "../shape.ts";
import type { Kernels } from "./kernel.ts";
import type { NdArray } from "./ndArray.ts";
import { ndArray } from "./ndArray.ts";
import { broadcast, permute } from "./strided.ts";

export const matmulKernels: Kernels<"matmul" | "linear"> = {
  matmul: ([a, b], { transposeA, transposeB }) => {
    const left = transposeA ? transposeLast(a) : a; // [..., M, K]
    const right = transposeB ? transposeLast(b) : b; // [..., K, N]
    const [M, K] = left.shape.slice(-2);
    const N = right.shape[right.shape.length - 1];
    const batch = broadcastShapes("matmul", left.shape.slice(0, -2), right.shape.slice(0, -2)) as readonly number[];
    const leftData = broadcast(left, [...batch, M, K]).data;
    const rightData = broadcast(right, [...batch, K, N]).data;
    const result = ndArray("float32", [...batch, M, N]);
    for (let i = 0; i < elementCount(batch); i++) {
      multiply(
        leftData.subarray(i * M * K, (i + 1) * M * K),
        rightData.subarray(i * K * N, (i + 1) * K * N),
        result.data.subarray(i * M * N, (i + 1) * M * N),
        [M, K, N],
      );
    }
    return [result];
  },

  // y = x weight^T + bias
  linear: ([x, weight, bias]) => {
    const [N, K] = weight.shape;
    const M = elementCount(x.shape.slice(0, -1));
    const result = ndArray("float32", [...x.shape.slice(0, -1), N]);
    if (bias !== undefined) for (let row = 0; row < M; row++) result.data.set(bias.data, row * N);
    multiply(x.data, transposeLast(weight).data, result.data, [M, K, N]);
    return [result];
  },
};

/** `c += a b` for row-major a [M, K], b [K, N], c [M, N]; k outside j, so that the inner loop reads and writes rows. */
function multiply(
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  [M, K, N]: readonly [M: number, K: number, N: number],
): void {
  for (let i = 0; i < M; i++) {
    for (let k = 0; k < K; k++) {
      const factor = a[i * K + k];
      for (let j = 0; j < N; j++) c[i * N + j] += factor * b[k * N + j];
    }
  }
}

function transposeLast(x: NdArray): NdArray {
  const axes = x.shape.map((_, axis) => axis);
  return permute(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/**
 * What ONNX Runtime makes of a weight in blocks: its MatMulNBits against a product in double precision with the values that
 * `dequantizeBlocks` says the blocks stand for.
 */

import { dequantizeBlocks, encodeModel, type OnnxModel, quantizeBlocks } from "@llm-learning/onnx";
import { createOrtSession } from "@llm-learning/onnx/node";
import { describe, expect, test } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { normals } from "./draws.ts";

const bytes = (data: ArrayBufferView) => new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
const int = (value: number) => ({ type: "int", value }) as const;

/** y = x W^T in double precision, for x [rows, K] and W [N, K]. */
function product(x: Float32Array, weight: Float32Array, K: number): number[] {
  const [rows, N] = [x.length / K, weight.length / K];
  return Array.from({ length: rows * N }, (_, i) => {
    const [row, n] = [Math.floor(i / N), i % N];
    let sum = 0;
    for (let k = 0; k < K; k++) sum += x[row * K + k] * weight[n * K + k];
    return sum;
  });
}

const cases = [4, 8].flatMap((bits) =>
  [true, false].flatMap((symmetric) =>
    [
      [16, 48, 5],
      [32, 64, 8],
      [32, 70, 3],
      [128, 100, 17],
    ].map(([blockSize, K, N]) => ({ bits: bits as 4 | 8, symmetric, blockSize, K, N })),
  ),
);

describe("ONNX Runtime's MatMulNBits", () => {
  test.each(cases)("multiplies by the weight that the blocks stand for: %o", async (one) => {
    const { bits, symmetric, blockSize, K, N } = one;
    const weight = normals(1, N * K).map((value) => value + (symmetric ? 0 : 0.5));
    const quantized = quantizeBlocks(weight, [N, K], { bits, symmetric, blockSize });
    const { data, scales, zeroPoints } = quantized;
    const blocks = Math.ceil(K / blockSize);
    for (const accuracyLevel of [0, 1]) {
      const model: OnnxModel = {
        irVersion: 10,
        opsetImports: [
          { domain: "", version: 21 },
          { domain: "com.microsoft", version: 1 },
        ],
        producerName: "test",
        metadata: {},
        graph: {
          name: "product",
          nodes: [
            {
              opType: "MatMulNBits",
              domain: "com.microsoft",
              inputs: ["x", "levels", "scales", ...(zeroPoints ? ["zeroPoints"] : [])],
              outputs: ["y"],
              attributes: {
                K: int(K),
                N: int(N),
                bits: int(bits),
                block_size: int(blockSize),
                accuracy_level: int(accuracyLevel),
              },
            },
          ],
          inputs: [{ name: "x", dataType: "float32", shape: ["rows", K] }],
          outputs: [{ name: "y", dataType: "float32", shape: ["rows", N] }],
          initializers: [
            { name: "levels", dataType: "uint8", dims: [N, blocks, (blockSize * bits) / 8], data },
            { name: "scales", dataType: "float32", dims: [N, blocks], data: bytes(scales) },
            ...(zeroPoints
              ? [
                  {
                    name: "zeroPoints",
                    dataType: "uint8" as const,
                    dims: [N, Math.ceil((blocks * bits) / 8)],
                    data: zeroPoints,
                  },
                ]
              : []),
          ],
        },
      };
      const session = await createOrtSession(encodeModel(model), { threads: 1, strictShapes: true });
      const x = normals(2, 3 * K);
      const { y } = await session.run({ x: { dtype: "float32", shape: [3, K], data: x } });
      await session.dispose();
      // Sums of up to 100 float32 products in another order.
      const expected = product(x, dequantizeBlocks(quantized), K);
      expect([...(y.data as Float32Array)]).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-5 });
    }
  });
});

import { Rng } from "@llm-learning/init";
import { Embedding, evaluateFloat64, grad, graphOf, input, mul, sum } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

describe("Embedding", () => {
  const table = new Embedding(3, 2, { rng: new Rng(1), weightInit: (data) => (data.set([1, 2, 3, 4, 5, 6]), data) });

  it("looks up a row for each index, whatever the shape and integer type of the indices", () => {
    for (const [dtype, indices] of [
      ["int32", new Int32Array([2, 0, 2, 1])],
      ["int64", new BigInt64Array([2n, 0n, 2n, 1n])],
    ] as const) {
      const y = table.forward(input("indices", [2, 2], dtype));
      expect(y.shape).toEqual([2, 2, 2]);
      expect([...evaluateFloat64(graphOf({ y }), { indices }).y.data]).toEqual([5, 6, 1, 2, 5, 6, 3, 4]);
    }
  });

  it("adds up the gradients of a row that is looked up twice, and gives zeros to one that is not", () => {
    const y = table.forward(input("indices", [3], "int32"));
    const [gradient] = grad(sum(mul(y, input("g", [3, 2]))), [table.weight]);
    const feeds = { indices: new Int32Array([2, 0, 2]), g: new Float64Array([1, 2, 10, 20, 100, 200]) };
    expect([...evaluateFloat64(graphOf({ gradient }), feeds).gradient.data]).toEqual([10, 20, 0, 0, 101, 202]);
  });

  it("starts standard normal, as PyTorch", () => {
    const { data } = new Embedding(100, 100, { rng: new Rng(2) }).weight;
    const mean = data.reduce((total, value) => total + value, 0) / data.length;
    const variance = data.reduce((total, value) => total + (value - mean) ** 2, 0) / data.length;
    // Five standard errors: of the mean 1 / sqrt(n), of the variance sqrt(2 / n).
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2e-4));
  });

  it("refuses indices that are not integers", () => {
    expect(() => table.forward(input("indices", [2]))).toThrow(
      new TypeError("embedding: expected a float32 weight and int32 or int64 indices, got float32 and float32"),
    );
  });
});

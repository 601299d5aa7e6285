import { engineModel } from "@llm-learning/onnx";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { compile, evaluateFloat64, graphOf, input, matmul, type Shape } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

/** `a^T b`, a `[K, M]` and b `[K, N]`. */
function product([K, M, N]: readonly [Shape[number], number, number]) {
  return graphOf({ y: matmul(input("a", [K, M]), input("b", [K, N]), { transposeA: true }) });
}

function operators(sizes: readonly [Shape[number], number, number]): string[] {
  return engineModel(product(sizes)).model.graph.nodes.map(({ opType }) => opType);
}

describe("a product with a transposed first operand", () => {
  const narrow = [300, 96, 300] as const;
  const wide = [300, 300, 96] as const;

  it("transposes that operand first, or the other and the result, whichever is less", () => {
    expect(operators(narrow)).toEqual(["Transpose", "Flatten", "Gemm"]);
    expect(operators(wide)).toEqual(["Transpose", "Flatten", "Gemm", "Flatten", "Transpose"]);
  });

  it("reads it transposed where the product is small or of a size unknown", () => {
    expect(operators([30, 96, 300])).toEqual(["Gemm"]);
    expect(operators(["batch_size", 300, 300])).toEqual(["Gemm"]);
  });

  it.each([narrow, wide])(
    "is the same product, to the bit with any number of threads: %d by %d by %d",
    async (K, M, N) => {
      const draw = (length: number): Float32Array =>
        Float32Array.from({ length }, (_, index) => Math.sin(index * index));
      const feeds = { a: draw(K * M), b: draw(K * N) };
      const graph = product([K, M, N]);
      const results: Float32Array[] = [];
      for (const threads of [1, 2]) {
        const program = await compile(onnxruntimeEngine({ threads }), graph);
        results.push((await program.run(feeds)).y.data.slice() as Float32Array);
        await program.dispose();
      }
      expect(results[1]).toEqual(results[0]);
      const { y } = evaluateFloat64(graph, {
        a: Float64Array.from(feeds.a),
        b: Float64Array.from(feeds.b),
      });
      // Sums of K terms up to 1, each rounded to float32.
      const worst = Math.max(...results[0].map((value, index) => Math.abs(value - y.data[index])));
      expect(worst).toBeLessThan(K * 2 ** -24);
    },
  );
});

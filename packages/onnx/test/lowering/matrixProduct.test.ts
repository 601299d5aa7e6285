import { engineModel } from "@llm-learning/onnx";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import {
  compile,
  elementCount,
  evaluateFloat64,
  type Graph,
  graphOf,
  input,
  linear,
  matmul,
  type Shape,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

type Sizes = readonly [M: Shape[number], K: Shape[number], N: Shape[number]];

/** A product `[M, K]` by `[K, N]` for each way in which its operands may lie, and that of a layer with a bias. */
const forms = {
  "a b": ([M, K, N]: Sizes) => graphOf({ y: matmul(input("a", [M, K]), input("b", [K, N])) }),
  "a^T b": ([M, K, N]: Sizes) => graphOf({ y: matmul(input("a", [K, M]), input("b", [K, N]), { transposeA: true }) }),
  "a b^T": ([M, K, N]: Sizes) => graphOf({ y: matmul(input("a", [M, K]), input("b", [N, K]), { transposeB: true }) }),
  "a^T b^T": ([M, K, N]: Sizes) =>
    graphOf({ y: matmul(input("a", [K, M]), input("b", [N, K]), { transposeA: true, transposeB: true }) }),
  "a b^T + c": ([M, K, N]: Sizes) => graphOf({ y: linear(input("a", [M, K]), input("b", [N, K]), input("c", [N])) }),
} as const;

function operators(graph: Graph, threads?: number): string[] {
  return engineModel(graph, { threads }).model.graph.nodes.map(({ opType }) => opType);
}

describe("a product with a transposed first operand", () => {
  const product = forms["a^T b"];

  it("transposes that operand first, or the other and the result, whichever is less", () => {
    expect(operators(product([96, 300, 300]))).toEqual(["Transpose", "Flatten", "Gemm"]);
    expect(operators(product([300, 300, 96]))).toEqual(["Transpose", "Flatten", "Gemm", "Flatten", "Transpose"]);
  });

  it("reads it transposed where the product is small or of a size unknown", () => {
    expect(operators(product([96, 30, 300]))).toEqual(["Gemm"]);
    expect(operators(product([300, "batch_size", 300]))).toEqual(["Gemm"]);
  });
});

describe("a product with more columns than rows", () => {
  it("is that of the transposes where a thread would have 64 columns or less", () => {
    const turned = ["Gemm", "Flatten", "Transpose", "Flatten"];
    expect(operators(forms["a b"]([96, 300, 128]), 1)).toEqual(["Gemm"]);
    expect(operators(forms["a b"]([96, 300, 128]), 2)).toEqual(turned);
    expect(operators(forms["a b"]([64, 300, 128]), 1)).toEqual(turned);
    expect(operators(forms["a b^T + c"]([96, 300, 128]), 2)).toEqual(["Unsqueeze", ...turned]);
    expect(operators(forms["a^T b"]([96, 900, 128]), 2)).toEqual([
      "Transpose",
      "Flatten",
      "Gemm",
      "Flatten",
      "Transpose",
    ]);
  });

  it("is not where the inner axis is added up at once, nor in a model that is not the engine's", () => {
    expect(operators(forms["a b"]([96, 128, 128]), 2)).toEqual(["Gemm"]);
    expect(operators(forms["a b"]([96, 300, 128]))).toEqual(["Gemm"]);
  });
});

/** `feeds` in float64, each value as `change` makes it. */
function mapped(feeds: Record<string, Float32Array>, change: (value: number) => number): Record<string, Float64Array> {
  return Object.fromEntries(Object.entries(feeds).map(([name, values]) => [name, Float64Array.from(values, change)]));
}

const sizes: readonly (readonly [number, number, number])[] = [
  [96, 300, 300],
  [300, 300, 96],
  [87, 768, 128],
  [128, 768, 87],
  [87, 130, 130],
  [100, 300, 192],
  [20, 300, 64],
  [16, 300, 128],
  [12, 1100, 24],
  [1, 300, 512],
  [70, 200, 512],
];

describe.each(Object.entries(forms))("the bits of %s", (_, form) => {
  it.each(sizes)("are those of one thread with any number of them: %d by %d by %d", async (...size) => {
    const graph = form(size);
    const draw = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => Math.sin(index * index));
    const feeds = Object.fromEntries(
      [...graph.inputs].map(([name, { shape }]) => [name, draw(elementCount(shape as readonly number[]))]),
    );
    const results: Float32Array[] = [];
    for (const threads of [1, 2, 3, 8]) {
      const program = await compile(onnxruntimeEngine({ threads }), graph);
      results.push((await program.run(feeds)).y.data.slice() as Float32Array);
      await program.dispose();
    }
    const [expected] = results;
    const differences = results.map((result) => result.findIndex((value, i) => !Object.is(value, expected[i])));
    expect(differences).toEqual([-1, -1, -1, -1]);
    const exact = evaluateFloat64(
      graph,
      mapped(feeds, (value) => value),
    ).y.data;
    const sums = evaluateFloat64(graph, mapped(feeds, Math.abs)).y.data;
    // Each of K products and additions is rounded once.
    const isOff = results[0].map((value, i) => Number(Math.abs(value - exact[i]) > (size[1] + 1) * 2 ** -24 * sums[i]));
    expect(isOff.indexOf(1)).toBe(-1);
  });
});

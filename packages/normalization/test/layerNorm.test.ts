import { evaluateFloat64, graphOf, input, namedParameters, referenceEngine } from "@llm-learning/nn-core";
import { LayerNorm } from "@llm-learning/normalization";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { casesOf, feedsOf, graphOfLayer, largest } from "./fixture.ts";

describe("LayerNorm computes what PyTorch computes, gradients included", () => {
  it.each(casesOf("LayerNorm").map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const graph = graphOfLayer(new LayerNorm(one.weight.length, { eps: one.eps, bias: one.bias !== null }), one);
    const double = evaluateFloat64(graph, feedsOf(one));
    const single = await (await referenceEngine().compile(graph)).run(feedsOf(one));
    for (const [name, expected] of Object.entries({ y: one.y, ...one.gradients })) {
      // Doubles, but for cancellation: at most the mean of 20 over its spread of 0.5, times 1e-16 and a few roundings.
      expect(double[name].data, name).toBeAllclose(expected, { atol: 1e-13 * largest(expected) });
      // The mean of 20 in one case costs 20 / 0.5 times the 6e-8 of float32.
      expect(single[name].data, name).toBeAllclose(expected, { atol: 5e-6 * largest(expected) });
    }
  });
});

describe("a new LayerNorm", () => {
  it("has ones as weight and zeros as bias", () => {
    const layer = new LayerNorm(3);
    expect([...namedParameters(layer)].map(([name, { data }]) => [name, [...data]])).toEqual([
      ["weight", [1, 1, 1]],
      ["bias", [0, 0, 0]],
    ]);
  });

  it("has no bias parameter with bias false", () => {
    expect([...namedParameters(new LayerNorm(3, { bias: false })).keys()]).toEqual(["weight"]);
  });

  it("uses eps 1e-5, as PyTorch", async () => {
    expect(new LayerNorm(3).eps).toBe(1e-5);
    // One axis [-s, s] has mean 0 and variance s^2: with s^2 = eps, y = s / sqrt(2 eps) = sqrt(1/2).
    const x = input("x", [2]);
    const s = Math.sqrt(1e-5);
    const { y } = evaluateFloat64(graphOf({ y: new LayerNorm(2).forward(x) }), { x: new Float64Array([-s, s]) });
    expect(y.data).toBeAllclose([-Math.SQRT1_2, Math.SQRT1_2], { rtol: 1e-14 });
  });

  it("takes batches of a size that is known only when it runs", async () => {
    const graph = graphOf({ y: new LayerNorm(2, { eps: 0 }).forward(input("x", ["batch_size", 2])) });
    const program = await referenceEngine().compile(graph);
    const { y } = await program.run({ x: { shape: [2, 2], data: new Float32Array([1, 3, 30, 10]) } });
    expect(y).toEqual({ dtype: "float32", shape: [2, 2], data: new Float32Array([-1, 1, 1, -1]) });
  });

  it("says which sizes do not fit", () => {
    expect(() => new LayerNorm(64).forward(input("x", [8, 32]))).toThrow(
      new RangeError(
        "layerNorm: expected weight and bias of the size of x's last axis, got x [8, 32], weight [64], bias [64]",
      ),
    );
    expect(() => new LayerNorm(64, { bias: false }).forward(input("x", [8, 32]))).toThrow(
      new RangeError("layerNorm: expected weight and bias of the size of x's last axis, got x [8, 32], weight [64]"),
    );
    expect(() => new LayerNorm(0)).toThrow("Parameter: expected dimensions that are integers > 0, got [0]");
  });
});

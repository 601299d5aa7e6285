import { evaluateFloat64, graphOf, input, namedParameters, referenceEngine } from "@llm-learning/nn-core";
import { RMSNorm } from "@llm-learning/normalization";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { casesOf, feedsOf, graphOfLayer, largest } from "./fixture.ts";

describe("RMSNorm computes what PyTorch computes, gradients included", () => {
  it.each(casesOf("RMSNorm").map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const graph = graphOfLayer(new RMSNorm(one.weight.length, { eps: one.eps }), one);
    const double = evaluateFloat64(graph, feedsOf(one));
    const single = await (await referenceEngine().compile(graph)).run(feedsOf(one));
    for (const [name, expected] of Object.entries({ y: one.y, ...one.gradients })) {
      // Doubles: a few roundings of 1e-16, expected values have 15 digits.
      expect(double[name].data, name).toBeAllclose(expected, { atol: 1e-14 * largest(expected) });
      // A few roundings of 6e-8 each.
      expect(single[name].data, name).toBeAllclose(expected, { atol: 5e-7 * largest(expected) });
    }
  });
});

describe("a new RMSNorm", () => {
  it("has ones as weight and no bias", () => {
    const parameters = [...namedParameters(new RMSNorm(2))];
    expect(parameters.map(([name, { data }]) => [name, [...data]])).toEqual([["weight", [1, 1]]]);
  });

  it("uses eps 1e-6, as Llama", () => {
    expect(new RMSNorm(2).eps).toBe(1e-6);
    // With a mean square as large as eps, y = x / sqrt(2 eps) = sqrt(1/2).
    const x = input("x", [2]);
    const { y } = evaluateFloat64(graphOf({ y: new RMSNorm(2).forward(x) }), { x: new Float64Array([1e-3, -1e-3]) });
    expect(y.data).toBeAllclose([Math.SQRT1_2, -Math.SQRT1_2], { rtol: 1e-14 });
  });

  it("does not centre: a constant input comes out as ones", () => {
    const graph = graphOf({ y: new RMSNorm(4, { eps: 0 }).forward(input("x", [4])) });
    expect([...evaluateFloat64(graph, { x: new Float64Array([5, 5, 5, 5]) }).y.data]).toEqual([1, 1, 1, 1]);
  });

  it("says which sizes do not fit", () => {
    expect(() => new RMSNorm(64).forward(input("x", [8, 32]))).toThrow(
      new RangeError("rmsNorm: expected a weight of the size of x's last axis, got x [8, 32] and weight [64]"),
    );
  });
});

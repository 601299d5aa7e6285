import { evaluateFloat64, namedParameters, referenceEngine } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { expectedOf, feedsOf, gptCases, gptOf, largest, trainingGraph } from "./gptFixture.ts";

describe.each(gptCases.map((one) => [one.name, one] as const))("%s", (_, one) => {
  it("has the parameters that the PyTorch model has, under the same names and in the same order", () => {
    expect([...namedParameters(gptOf(one)).keys()]).toEqual(Object.keys(one.weights));
  });

  it("computes PyTorch's logits, loss and every gradient in double precision", () => {
    const result = evaluateFloat64(trainingGraph(gptOf(one), one), feedsOf(one));
    expect(Object.keys(result)).toHaveLength(2 + Object.keys(one.weights).length);
    for (const [name, expected] of expectedOf(one)) {
      // The fixture has 9 digits.
      expect(result[name].data, name).toBeAllclose(expected, { atol: 1e-8 * largest(expected) });
    }
  });

  it("computes them in float32 as closely as PyTorch's own float32 does", async () => {
    const program = await referenceEngine().compile(trainingGraph(gptOf(one), one));
    const result = await program.run(feedsOf(one));
    for (const [name, expected] of expectedOf(one)) {
      // PyTorch in float32 is off by up to 7.3e-7 of the largest value (torchError in the fixture).
      expect(result[name].data, name).toBeAllclose(expected, { atol: 2e-6 * largest(expected) });
    }
  });
});

import { evaluateFloat64, referenceEngine, trainableParameters } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { largest } from "./gptFixture.ts";
import { expectedOf, feedsOf, lectureCases, modelOf, trainingGraph } from "./lectureFixture.ts";

describe.each(lectureCases.map((one) => [one.name, one] as const))("%s", (_, one) => {
  it("has the parameters that the PyTorch model has, under the same names and in the same order", () => {
    expect([...trainableParameters(modelOf(one)).keys()]).toEqual(Object.keys(one.gradients));
  });

  it("computes PyTorch's logits, loss and every gradient in double precision", () => {
    const result = evaluateFloat64(trainingGraph(modelOf(one), one), feedsOf(one));
    for (const [name, expected] of expectedOf(one)) {
      // The fixture has 9 digits.
      expect(result[name].data, name).toBeAllclose(expected, { atol: 1e-8 * largest(expected) });
    }
  });

  it("computes them in float32 as closely as PyTorch's own float32 does", async () => {
    const program = await referenceEngine().compile(trainingGraph(modelOf(one), one));
    const result = await program.run(feedsOf(one));
    for (const [name, expected] of expectedOf(one)) {
      // PyTorch in float32 is off by up to 2e-7 of the largest value (torchError in the fixture).
      expect(result[name].data, name).toBeAllclose(expected, { atol: 2e-6 * largest(expected) });
    }
  });
});

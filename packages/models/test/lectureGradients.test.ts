import { evaluateFloat64, graphOf, input, namedParameters, referenceEngine } from "@llm-learning/nn-core";
import { trainableParameters } from "@llm-learning/nn-core";
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
      // PyTorch in float32 is off by up to 2.3e-6 of the largest value (torchError in the fixture).
      expect(result[name].data, name).toBeAllclose(expected, { atol: 5e-6 * largest(expected) });
    }
  });
});

const normalized = lectureCases.filter(({ inference }) => inference !== undefined);

describe.each(normalized.map((one) => [one.name, one] as const))("%s after a step", (_, one) => {
  const model = modelOf(one);
  const parameters = namedParameters(model);
  for (const [name, values] of Object.entries(one.updates)) parameters.get(name)!.data.set(values);
  const ids = input("inputIds", one.inputIds.shape, "int32");
  const { inputIds } = feedsOf(one);

  it("in use scores as PyTorch's eval mode", () => {
    const { logits } = evaluateFloat64(graphOf({ logits: model.forward(ids).logits }), { inputIds });
    // The running statistics are float32 here.
    expect(logits.data).toBeAllclose(one.inference!, { atol: 1e-6 * largest(one.inference!) });
  });

  it("scores the same once its norms are folded into the layers before them", async () => {
    const folded = model.folded!();
    const learned = [...namedParameters(folded)];
    expect(learned.some(([name]) => name.includes("norm"))).toBe(false);
    expect(learned.every(([, { trainable }]) => trainable)).toBe(true);
    const program = await referenceEngine().compile(
      graphOf({ logits: model.forward(ids).logits, folded: folded.forward(ids).logits }),
    );
    const result = await program.run({ inputIds });
    // float32 roundings, of folded weights too.
    expect(result.folded.data).toBeAllclose(result.logits.data as Float32Array, { atol: 1e-5 });
  });
});

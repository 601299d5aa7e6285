import { Rng } from "@llm-learning/init";
import { GPT, Llama } from "@llm-learning/models";
import { grad, graphOf, input, trainableParameters } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const sizes = { vocabSize: 5, blockSize: 1536, nLayer: 1, nHead: 1, nEmbd: 4 };
const models = { GPT: new GPT(sizes, { rng: new Rng(1) }), Llama: new Llama(sizes, { rng: new Rng(1) }) };

/** The most queries that attend at once in a training step on texts of length T. */
function mostQueries(model: GPT | Llama, T: number): number {
  const [inputIds, targets] = ["inputs", "targets"].map((name) => input(name, [1, T], "int32"));
  const loss = model.loss(inputIds, targets);
  const gradients = grad(loss, [...trainableParameters(model).values()]);
  const { nodes } = graphOf({ loss, ...Object.fromEntries(gradients.map((gradient, i) => [`${i}`, gradient])) });
  const attended = nodes.filter(({ op }) => op.name === "scaledDotProductAttention");
  return Math.max(...attended.map(({ outputs: [{ shape }] }) => Number(shape[2])));
}

describe.each(Object.entries(models))("a %s in training", (_, model) => {
  it("hears short texts at once, and long ones a chunk of queries at a time", () => {
    expect(mostQueries(model, 512)).toBe(512);
    expect(mostQueries(model, 1536)).toBe(512);
  });
});

import { Rng } from "@llm-learning/init";
import { type CausalLM, GPT, Llama } from "@llm-learning/models";
import { elementCount, grad, type Graph, trace, trainableParameters, Training } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

/** The graph of loss, and of gradients where it is training, of a batch `[8, T]`. */
function lossGraph(model: CausalLM, T: number, training?: Training): Graph {
  const spec = { shape: [8, T], dtype: "int32" } as const;
  return trace({ inputs: spec, targets: spec }, ({ inputs, targets }) => {
    const loss = model.loss(inputs, targets, training);
    const gradients = training === undefined ? [] : grad(loss, [...trainableParameters(model).values()]);
    return { loss, ...Object.fromEntries(gradients.map((gradient, index) => [`gradient${index}`, gradient])) };
  });
}

function largest({ nodes }: Graph): number {
  const sizes = nodes.flatMap(({ outputs }) => outputs.map(({ shape }) => elementCount(shape as readonly number[])));
  return Math.max(...sizes);
}

describe("a large vocabulary", () => {
  const sizes = { vocabSize: 70_000, blockSize: 128, nLayer: 1, nHead: 1, nEmbd: 4 };

  it.each([
    ["GPT", new GPT(sizes, { rng: new Rng(1) })],
    ["Llama", new Llama({ ...sizes, softCap: 30 }, { rng: new Rng(1) })],
  ] as const)("of %s is never scored for all tokens at once, where that is more than 2^25 scores", (_, model) => {
    for (const training of [undefined, new Training(), new Training({ checkpointing: true })]) {
      expect(largest(lossGraph(model, 128, training))).toBeLessThanOrEqual(2 ** 24);
    }
    // Half as many tokens are scored at once.
    expect(largest(lossGraph(model, 32, new Training()))).toBe(8 * 32 * sizes.vocabSize);
  });
});

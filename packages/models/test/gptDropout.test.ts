import { GPT, type GPTOptions } from "@llm-learning/models";
import { Rng } from "@llm-learning/init";
import {
  compile,
  type Feeds,
  type Graph,
  namedParameters,
  referenceEngine,
  trace,
  Training,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const [B, T] = [2, 4];
const sizes: GPTOptions = { vocabSize: 7, blockSize: T, nLayer: 2, nHead: 2, nEmbd: 6 };

function lossGraph(model: GPT, training?: Training): Graph {
  const spec = { shape: [B, T], dtype: "int32" } as const;
  return trace({ inputIds: spec, targets: spec }, ({ inputIds, targets }) => ({
    loss: model.loss(inputIds, targets, training),
  }));
}

const tokens: Feeds = {
  inputIds: Int32Array.from({ length: B * T }, (_, i) => i % 7),
  targets: Int32Array.from({ length: B * T }, (_, i) => (i + 1) % 7),
};

describe("dropout of a GPT", () => {
  const model = new GPT({ ...sizes, dropout: 0.3, init: "torch" }, { rng: new Rng(1) });

  it("draws masks for embeddings, and in each block for probabilities and both branches, in training", () => {
    const { inputs } = lossGraph(model, new Training());
    const masks = [...inputs].slice(2).map(([name, { shape, dtype }]) => [name, shape, dtype]);
    const probabilities = [B, 2, T, T];
    const stream = [B, T, 6];
    expect(masks).toEqual(
      [stream, probabilities, stream, stream, probabilities, stream, stream].map((shape, index) => [
        `random.${index}`,
        shape,
        "bool",
      ]),
    );
  });

  it("asks for no random numbers outside training, or with a rate of 0", () => {
    expect([...lossGraph(model).inputs.keys()]).toEqual(["inputIds", "targets"]);
    const steady = new GPT(sizes, { rng: new Rng(1) });
    expect([...lossGraph(steady, new Training()).inputs.keys()]).toEqual(["inputIds", "targets"]);
  });

  it("gives the same loss for the same generator, and another for another", async () => {
    const training = new Training();
    const program = await compile(referenceEngine(), lossGraph(model, training));
    const lossOf = async (seed: number) =>
      (await program.run({ ...tokens, ...training.draw(new Rng(seed)) })).loss.data[0];
    const first = await lossOf(1);
    expect(await lossOf(2)).not.toBe(first);
    expect(await lossOf(1)).toBe(first);
  });

  it("with nothing dropped, scales what it keeps by 1 / (1 - rate), as a model with larger weights would", async () => {
    const options = { ...sizes, tieWeights: false, init: "torch" } as const;
    const training = new Training();
    const dropping = lossGraph(new GPT({ ...options, dropout: 0.2 }, { rng: new Rng(1) }), training);
    const masks = Object.entries(training.draw(new Rng(1))).map(
      ([name, mask]) => [name, new Uint8Array((mask as Uint8Array).length).fill(1)] as const,
    );
    const { loss } = await (
      await compile(referenceEngine(), dropping)
    ).run({ ...tokens, ...Object.fromEntries(masks) });

    // Embeddings and both branches grow by 1 / 0.8, and what attention hears by another 1 / 0.8.
    const larger = new GPT(options, { rng: new Rng(1) });
    for (const [name, { data }] of namedParameters(larger)) {
      const power = name.endsWith("attention.output.weight") ? 2 : 1;
      if (!/Embedding|attention\.output|mlp\.project/.test(name)) continue;
      for (let i = 0; i < data.length; i++) data[i] *= 1.25 ** power;
    }
    const { loss: expected } = await (await compile(referenceEngine(), lossGraph(larger))).run(tokens);
    // A loss of 2 in float32, after roundings of 6e-8.
    expect(loss.data[0]).toBeCloseTo(expected.data[0] as number, 5);
  });
});

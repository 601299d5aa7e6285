import { Rng } from "@llm-learning/init";
import { GPT, Llama } from "@llm-learning/models";
import {
  compile,
  grad,
  loadStateDict,
  referenceEngine,
  stateDict,
  trace,
  trainableParameters,
  Training,
} from "@llm-learning/nn-core";
import "@llm-learning/testing/toBeAllclose";
import { describe, expect, it } from "vitest";
import fixture from "./fixtures/dropout.json" with { type: "json" };

const { config, rate, masks, weights, gradients } = fixture;
const [B, T] = fixture.shape;
const batch = { shape: [B, T], dtype: "int32" } as const;

describe("a GPT in training", () => {
  it("has the loss and the gradients of Hugging Face's GPT-2 under the same masks", async () => {
    const model = new GPT({ ...config, dropout: rate }, { rng: new Rng(0) });
    const values = Object.entries(weights).map(
      ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
    );
    loadStateDict(model, new Map(values));
    const training = new Training();
    const parameters = trainableParameters(model);
    const graph = trace({ inputIds: batch, targets: batch }, ({ inputIds, targets }) => {
      const loss = model.loss(inputIds, targets, training);
      const computed = grad(loss, [...parameters.values()]);
      return { loss, ...Object.fromEntries([...parameters.keys()].map((name, index) => [name, computed[index]])) };
    });
    const asked = [...graph.inputs].filter(([name]) => name.startsWith("random."));
    expect(asked.map(([, { shape }]) => shape)).toEqual(masks.map(({ shape }) => shape));

    const program = await compile(referenceEngine(), graph);
    const outputs = await program.run({
      inputIds: Int32Array.from(fixture.inputIds),
      targets: Int32Array.from(fixture.targets),
      ...Object.fromEntries(masks.map(({ kept }, index) => [`random.${index}`, Uint8Array.from(kept, Number)])),
    });
    // float32 against float64, through two blocks.
    expect(outputs.loss.data[0]).toBeCloseTo(fixture.loss, 5);
    expect(Object.keys(gradients).toSorted()).toEqual([...parameters.keys()].toSorted());
    for (const [name, expected] of Object.entries(gradients)) {
      expect(outputs[name].data, name).toBeAllclose(expected, { rtol: 1e-4, atol: 1e-5 });
    }
  });
});

describe("a Llama in training", () => {
  const sizes = { vocabSize: 7, blockSize: T, nLayer: 2, nHead: 4, nKeyValueHead: 2, nEmbd: 8 };

  it("drops where a GPT does: embeddings, and in each block probabilities and both branches", () => {
    const model = new Llama({ ...sizes, dropout: rate }, { rng: new Rng(0) });
    const { inputs } = trace({ inputIds: batch, targets: batch }, ({ inputIds, targets }) => ({
      loss: model.loss(inputIds, targets, new Training()),
    }));
    const probabilities = [B, 4, T, T];
    const stream = [B, T, 8];
    expect([...inputs.values()].slice(2).map(({ shape, dtype }) => [shape, dtype])).toEqual(
      [stream, probabilities, stream, stream, probabilities, stream, stream].map((shape) => [shape, "bool"]),
    );
  });

  it("with all of a branch dropped, hears nothing of it", async () => {
    const options = { ...sizes, nLayer: 1, tieWeights: false };
    const model = new Llama({ ...options, dropout: 0.5 }, { rng: new Rng(1) });
    const training = new Training();
    const graph = trace({ inputIds: batch, targets: batch }, ({ inputIds, targets }) => ({
      loss: model.loss(inputIds, targets, training),
    }));
    const feeds = {
      inputIds: Int32Array.from({ length: B * T }, (_, i) => i % 7),
      targets: Int32Array.from({ length: B * T }, (_, i) => (3 * i) % 7),
    };
    // Of the masks of embeddings, probabilities and branches those of the branches drop all.
    const kept = [1, 1, 0, 0];
    const drawn = Object.entries(training.draw(new Rng(1))).map(
      ([name, mask], index) => [name, new Uint8Array((mask as Uint8Array).length).fill(kept[index])] as const,
    );
    const program = await compile(referenceEngine(), graph);
    const { loss } = await program.run({ ...feeds, ...Object.fromEntries(drawn) });

    // The same embeddings, twice as large, with nothing but the last norm behind them.
    const deaf = new Llama(options, { rng: new Rng(1) });
    loadStateDict(deaf, stateDict(model));
    const { data } = deaf.tokenEmbedding.weight;
    for (let i = 0; i < data.length; i++) data[i] *= 2;
    deaf.blocks[0].attention.output.weight.data.fill(0);
    deaf.blocks[0].mlp.down.weight.data.fill(0);
    const plain = trace({ inputIds: batch, targets: batch }, ({ inputIds, targets }) => ({
      loss: deaf.loss(inputIds, targets),
    }));
    const { loss: expected } = await (await compile(referenceEngine(), plain)).run(feeds);
    expect(loss.data[0]).toBeCloseTo(expected.data[0] as number, 5);
  });
});

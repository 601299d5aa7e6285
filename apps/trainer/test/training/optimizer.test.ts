import { Rng } from "@llm-learning/init";
import { modelNames, type ModelName } from "../../src/model/modelKinds.ts";
import { buildModel } from "../../src/model/buildModel.ts";
import { createOptimizer } from "../../src/training/optimizer.ts";
import { parametersByRole } from "../../src/training/parameterRoles.ts";
import { resolveConfig, type TrainConfig } from "@llm-learning/trainer";
import { trainableParameters } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const VOCABULARY = 11;

const tiny: Partial<TrainConfig> = { blockSize: 4, engine: "reference" };

function modelOf(changes: Partial<TrainConfig>) {
  const config = resolveConfig({ ...tiny, ...changes });
  return { config, model: buildModel(config, VOCABULARY, new Rng(1)) };
}

describe("parametersByRole", () => {
  it.each<[ModelName, string[], string[]]>([
    ["gpt", ["tokenEmbedding.weight", "positionEmbedding.weight"], []],
    ["llama", ["tokenEmbedding.weight"], []],
    ["bigram", ["table.weight"], []],
    ["mlp", ["tokenEmbedding.weight"], ["output.weight"]],
    ["deep-mlp", ["tokenEmbedding.weight"], ["layers.5.linear.weight"]],
    ["wavenet", ["tokenEmbedding.weight"], ["output.weight"]],
    ["conv", ["tokenEmbedding.weight"], ["output.weight"]],
    ["rnn", ["tokenEmbedding.weight"], ["output.weight"]],
    ["gru", ["tokenEmbedding.weight"], ["output.weight"]],
    ["ladder", ["tokenEmbedding.weight", "positionEmbedding.weight"], ["output.weight"]],
  ])("finds embeddings and output layer of %s", (name, embeddings, outputs) => {
    const { model } = modelOf({ model: name, ...(name === "ladder" && { rung: "feed-forward" }) });
    const { matrix, embedding, output, vector } = parametersByRole(model);
    expect([...embedding.keys()]).toEqual(embeddings);
    expect([...output.keys()]).toEqual(outputs);
    for (const { shape } of vector.values()) expect(shape).toHaveLength(1);
    const count = matrix.size + embedding.size + output.size + vector.size;
    expect(count).toBe(trainableParameters(model).size);
  });

  it("knows of every model", () => expect(modelNames).toHaveLength(10));
});

describe("the optimizer of a configuration", () => {
  it("gives each role its rate and its decay", async () => {
    const { model, config } = modelOf({
      nLayer: 1,
      nHead: 1,
      nEmbd: 4,
      tieWeights: false,
      optimizer: "sgd",
      matrixRate: 2,
      embeddingRate: 3,
      outputRate: 4,
      vectorRate: 5,
      weightDecay: 0.5,
      embeddingDecay: 0.25,
      vectorDecay: 0.125,
    });
    for (const { data } of trainableParameters(model).values()) data.fill(1);
    const optimizer = createOptimizer(model, config);
    const zeros = [...trainableParameters(model)].map(([name, { data }]) => [name, new Float32Array(data.length)]);
    await optimizer.step(Object.fromEntries(zeros) as Record<string, Float32Array>, { learningRate: 0.125 });
    const first = (name: string): number => trainableParameters(model).get(name)!.data[0];
    expect(first("blocks.0.mlp.expand.weight")).toBe(1 - 0.125 * 2 * 0.5);
    expect(first("tokenEmbedding.weight")).toBe(1 - 0.125 * 3 * 0.25);
    expect(first("output.weight")).toBe(1 - 0.125 * 4 * 0.25);
    expect(first("blocks.0.norm1.weight")).toBe(1 - 0.125 * 5 * 0.125);
  });

  it("scales first weights and rates by width where there is a baseWidth, and leaves what decay takes as it is", async () => {
    const changes = { nLayer: 1, nHead: 1, nEmbd: 8, tieWeights: false, bias: true, weightDecay: 0.5 } as const;
    const { model: plain } = modelOf(changes);
    const { model, config } = modelOf({ ...changes, baseWidth: 2 });
    const ratioOf = (name: string): number =>
      trainableParameters(model).get(name)!.data[0] / trainableParameters(plain).get(name)!.data[0];
    expect(ratioOf("blocks.0.mlp.expand.weight")).toBe(1 / 2);
    expect(ratioOf("output.weight")).toBe(1 / 4);
    expect(ratioOf("tokenEmbedding.weight")).toBe(1);

    for (const { data } of trainableParameters(model).values()) data.fill(1);
    const optimizer = createOptimizer(model, config);
    const ones = [...trainableParameters(model)].map(([name, { data }]) => [name, data.map(() => 1)]);
    await optimizer.step(Object.fromEntries(ones) as Record<string, Float32Array>, { learningRate: 0.125 });
    const stepOf = (name: string): number => 1 - trainableParameters(model).get(name)!.data[0];
    // AdamW's first step is as large as its rate; decay takes 0.125 * 0.5 of every weight.
    expect(stepOf("blocks.0.mlp.expand.weight")).toBeCloseTo(0.125 / 4 + 0.125 * 0.5, 6);
    expect(stepOf("output.weight")).toBeCloseTo(0.125 / 4 + 0.125 * 0.5, 6);
    expect(stepOf("tokenEmbedding.weight")).toBeCloseTo(0.125 + 0.125 * 0.5, 6);
    expect(stepOf("norm.weight")).toBeCloseTo(0.125, 6);
  });

  it("with Muon makes queries, keys and values orthogonal each for itself", async () => {
    const changes = { nLayer: 1, nHead: 1, nEmbd: 4, optimizer: "muon", muonScale: "original", muonSteps: 1 } as const;
    const { model, config } = modelOf({ ...changes, weightDecay: 0 });
    const weights = trainableParameters(model);
    for (const { data } of weights.values()) data.fill(0);
    const optimizer = createOptimizer(model, config);
    const gradients = Object.fromEntries([...weights].map(([name, { data }]) => [name, data.map((_, i) => i % 4)]));
    // Keys whose gradient is a thousand times that of the queries move as far.
    gradients["blocks.0.attention.qkv.weight"].subarray(16, 32).forEach((value, i, keys) => (keys[i] = 1000 * value));
    await optimizer.step(gradients, { learningRate: 1 });
    const { data } = weights.get("blocks.0.attention.qkv.weight")!;
    const size = (part: number): number => Math.hypot(...data.subarray(16 * part, 16 * (part + 1)));
    expect(size(1)).toBeCloseTo(size(0), 5);
    expect(size(2)).toBeCloseTo(size(0), 5);
    await optimizer.dispose();
  });
});

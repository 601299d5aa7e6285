import { readFileSync } from "node:fs";
import { Rng } from "@llm-learning/init";
import { addLoRA, GPT, type LanguageModel, type Llama, mergeLoRA } from "@llm-learning/models";
import {
  AdamW,
  compile,
  evaluateFloat64,
  grad,
  type Graph,
  loadStateDict,
  namedParameters,
  parameterCount,
  referenceEngine,
  stateDict,
  trace,
  trainableParameters,
  Training,
} from "@llm-learning/nn-core";
import "@llm-learning/testing/toBeAllclose";
import { describe, expect, it } from "vitest";
import { llamaCases, llamaOf } from "./llamaFixture.ts";

interface Values {
  shape: number[];
  data: number[];
}

/** What PyTorch computed; see fixtures/generateLora.py. */
const fixture = JSON.parse(readFileSync(new URL("fixtures/lora.json", import.meta.url), "utf8")) as {
  rank: number;
  alpha: number;
  targets: string[];
  adapters: Record<string, Values>;
  logits: number[];
  gradients: Record<string, number[]>;
  losses: number[];
  trained: Record<string, number[]>;
};

const one = llamaCases.llama;
const feeds = { inputIds: Int32Array.from(one.inputIds.flat()), targets: Int32Array.from(one.targets.flat()) };
const shape = [one.inputIds.length, one.inputIds[0].length];
const largest = (values: ArrayLike<number>): number => Math.max(...Array.from(values, Math.abs));

/** The fixture's model with its changes. */
function adapted(): Llama {
  const model = llamaOf(one);
  const { rank, alpha, targets, adapters } = fixture;
  addLoRA(model, { rng: new Rng(0), rank, alpha, targets });
  const values = new Map(stateDict(model));
  for (const [name, { shape: dims, data }] of Object.entries(adapters)) {
    expect(values.has(name), name).toBe(true);
    values.set(name, { shape: dims, data: Float32Array.from(data) });
  }
  loadStateDict(model, values);
  return model;
}

/** Logits, loss, and the gradient of each trainable parameter under its name. */
function trainingGraph(model: LanguageModel): Graph {
  const parameters = [...trainableParameters(model)];
  const spec = { shape, dtype: "int32" } as const;
  return trace({ inputIds: spec, targets: spec }, ({ inputIds, targets }) => {
    const loss = model.loss(inputIds, targets);
    const gradients = grad(
      loss,
      parameters.map(([, parameter]) => parameter),
    );
    const named = parameters.map(([name], index) => [name, gradients[index]]);
    return { logits: model.forward(inputIds).logits, loss, ...Object.fromEntries(named) };
  });
}

describe("a Llama with LoRA", () => {
  it("learns the changes alone", () => {
    expect([...trainableParameters(adapted()).keys()]).toEqual(Object.keys(fixture.adapters));
  });

  it("computes PyTorch's logits, loss and every gradient in double precision", () => {
    const result = evaluateFloat64(trainingGraph(adapted()), feeds);
    const expected = { logits: fixture.logits, loss: [fixture.losses[0]], ...fixture.gradients };
    expect(Object.keys(result)).toHaveLength(Object.keys(expected).length);
    for (const [name, values] of Object.entries(expected)) {
      // The fixture has 9 digits.
      expect(result[name].data, name).toBeAllclose(values, { atol: 1e-8 * largest(values) });
    }
  });

  it("is where PyTorch's AdamW is after three steps", async () => {
    const model = adapted();
    const program = await compile(referenceEngine(), trainingGraph(model));
    const before = new Map([...stateDict(model)].map(([name, { data }]) => [name, data.slice()]));
    const groups = [{ parameters: trainableParameters(model), weightDecay: 0.1 }];
    const optimizer = new AdamW(groups, { beta1: 0.9, beta2: 0.99 });
    for (const [step, expected] of fixture.losses.entries()) {
      const outputs = await program.run(feeds);
      // Roundings of 6e-8 add up over two blocks.
      expect(outputs.loss.data).toBeAllclose([expected], { atol: 2e-6 });
      if (step === fixture.losses.length - 1) break;
      const gradients = Object.keys(fixture.gradients).map((name) => [name, outputs[name].data as Float32Array]);
      optimizer.step(Object.fromEntries(gradients), { learningRate: 0.02 });
    }
    for (const [name, { data }] of stateDict(model)) {
      const trained = fixture.trained[name];
      // A step is of the size of the rate, 0.02, and its direction is as exact as the gradient.
      if (trained !== undefined) expect(data, name).toBeAllclose(trained, { atol: 2e-6 });
      else expect(data, name).toEqual(before.get(name));
    }
  });

  it("has the same logits once the changes are part of the weights", () => {
    const model = adapted();
    const plain = Object.keys(one.weights);
    mergeLoRA(model);
    expect([...namedParameters(model).keys()].sort()).toEqual(plain.toSorted());
    const { logits } = evaluateFloat64(trainingGraph(model), feeds);
    // The merged weights are rounded to float32.
    expect(logits.data).toBeAllclose(fixture.logits, { atol: 1e-6 * largest(fixture.logits) });
  });
});

describe("addLoRA", () => {
  const gpt = (): GPT =>
    new GPT({ vocabSize: 7, blockSize: 4, nLayer: 2, nHead: 2, nEmbd: 8, tieWeights: false }, { rng: new Rng(1) });
  const options = { rank: 2, alpha: 4 };
  const logitsOf = async (model: LanguageModel): Promise<Float32Array> => {
    const graph = trace({ ids: { shape: [1, 4], dtype: "int32" } }, ({ ids }) => ({
      logits: model.forward(ids).logits,
    }));
    const program = await compile(referenceEngine(), graph);
    return (await program.run({ ids: Int32Array.of(3, 1, 4, 1) })).logits.data as Float32Array;
  };

  it("changes nothing at first, and merging nothing leaves every bit", async () => {
    const model = gpt();
    const logits = (await logitsOf(model)).slice();
    const weights = new Map([...stateDict(model)].map(([name, { data }]) => [name, data.slice()]));
    addLoRA(model, { ...options, rng: new Rng(2) });
    expect(await logitsOf(model)).toEqual(logits);
    mergeLoRA(model);
    expect(new Map([...stateDict(model)].map(([name, { data }]) => [name, data]))).toEqual(weights);
  });

  it("adapts every linear layer of the blocks by default, and not the output layer", () => {
    const model = gpt();
    addLoRA(model, { ...options, rng: new Rng(2) });
    const layers = ["attention.qkv", "attention.output", "mlp.expand", "mlp.project"];
    const names = [0, 1].flatMap((block) =>
      layers.flatMap((layer) => ["down", "up"].map((part) => `blocks.${block}.${layer}.adapter.${part}`)),
    );
    expect([...trainableParameters(model).keys()]).toEqual(names);
    // Of rank 2, for layers 8 -> 24, 8 -> 8, 8 -> 32 and 32 -> 8.
    expect(parameterCount(model)).toBe(2 * 2 * (32 + 16 + 40 + 40));
  });

  it("drops inputs of the changes in training", () => {
    const model = gpt();
    const training = new Training();
    addLoRA(model, { ...options, rng: new Rng(2), dropout: 0.5, targets: ["qkv", "project"] });
    const spec = { shape: [1, 4], dtype: "int32" } as const;
    trace({ ids: spec }, ({ ids }) => ({ logits: model.forward(ids, { training }).logits }));
    expect(training.isRandom).toBe(true);
  });

  it("refuses layers that are not there, and adapters upon adapters", () => {
    const model = gpt();
    const add = (changes: object) => () => addLoRA(model, { ...options, rng: new Rng(2), ...changes });
    expect(add({ targets: ["query"] })).toThrow(
      new RangeError("addLoRA: expected targets among the model's layers qkv, output, expand, project, got query"),
    );
    expect(add({ targets: [] })).toThrow(/, got none$/);
    expect(add({ rank: 0 })).toThrow(new RangeError("LoRA: expected rank to be an integer >= 1, got 0"));
    expect(add({ alpha: 0 })).toThrow(new RangeError("LoRA: expected a finite alpha above 0, got 0"));
    add({})();
    expect(add({})).toThrow(/merge it first$/);
  });
});

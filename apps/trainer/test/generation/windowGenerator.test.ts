import { Rng } from "@llm-learning/init";
import { Bigram, GPT, GRU, type LanguageModel, MLP, traceCausalLM, traceNextToken } from "@llm-learning/models";
import { encodeModel, lowerGraph, nextTokenSignature, decodeModel, sampleToken } from "@llm-learning/onnx";
import { openTokenGenerator } from "@llm-learning/onnx/node";
import { type Graph, compile, referenceEngine, trace } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const V = 11;
const T = 5;

const models: Record<string, () => LanguageModel> = {
  "a table": () => new Bigram({ vocabSize: V, blockSize: T }, { rng: new Rng(1) }),
  "an MLP, which reads a whole window": () =>
    new MLP({ vocabSize: V, blockSize: T, nEmbd: 4, nHidden: 16, init: "raw" }, { rng: new Rng(2) }),
  "a recurrent net, unrolled": () => new GRU({ vocabSize: V, blockSize: T, nEmbd: 8, nHidden: 8 }, { rng: new Rng(3) }),
  "a GPT without its cache": () =>
    new GPT({ vocabSize: V, blockSize: T, nLayer: 2, nHead: 2, nEmbd: 8, init: "torch" }, { rng: new Rng(4) }),
};

function fileOf(model: LanguageModel, graph: Graph = traceNextToken(model)): Uint8Array {
  const metadata = { block_size: String(model.config.blockSize), predicts: model.predicts };
  return encodeModel(lowerGraph(graph, { parameters: "initializers", contrib: false, metadata }).model);
}

/** Logits after a context, by the model's own forward pass on the reference engine. */
async function logitsAfter(model: LanguageModel, context: readonly number[], padId: number): Promise<Float32Array> {
  const window = context.slice(-T);
  const ids = model.predicts === "last" ? [...Array<number>(T - window.length).fill(padId), ...window] : window;
  const spec = { shape: [1, ids.length], dtype: "int32" } as const;
  const graph = trace({ ids: spec }, ({ ids: tensor }) => ({ logits: model.forward(tensor).logits }));
  const { logits } = await (await compile(referenceEngine(), graph)).run({ ids: Int32Array.from(ids) });
  return (logits.data as Float32Array).slice(-V);
}

describe.each(Object.entries(models))("the generator of %s", (_, create) => {
  it("writes what the model's forward pass says, from prompts of any length, one beside the other", async () => {
    const model = create();
    const generator = await openTokenGenerator(fileOf(model), { threads: 1, padId: 3 });
    expect([generator.vocabSize, generator.blockSize]).toEqual([V, T]);
    const prompts = [[3], [1, 2, 3], [9, 8, 7, 6, 5, 4, 3, 2]];
    const options = { maxTokens: 9, temperature: 1, topK: 8 };
    const generated = await generator.generate(prompts, { ...options, rng: new Rng(5) });
    for (const [row, prompt] of prompts.entries()) {
      const rng = new Rng(5).fork(row);
      const context = [...prompt];
      for (let step = 0; step < 9; step++) {
        context.push(sampleToken(await logitsAfter(model, context, 3), options, rng));
      }
      expect(generated[row]).toEqual(context.slice(prompt.length));
    }
    await generator.dispose();
  });

  it("ends rows at a stop token without it, and draws for each row alone", async () => {
    const generator = await openTokenGenerator(fileOf(create()), { threads: 1 });
    const options = { maxTokens: 20, temperature: 1, rng: new Rng(7) };
    const together = await generator.generate([[0], [0], [0]], { ...options, stopIds: [0, 1, 2] });
    for (const row of together) expect(row.every((token) => token > 2)).toBe(true);
    const first = await generator.generate([[0]], { ...options, stopIds: [0, 1, 2] });
    expect(first[0]).toEqual(together[0]);
    await generator.dispose();
  });
});

describe("openTokenGenerator", () => {
  const gpt = new GPT({ vocabSize: V, blockSize: T, nLayer: 1, nHead: 1, nEmbd: 4 }, { rng: new Rng(1) });

  it("opens a model with a cache too, which writes what the one without does", async () => {
    const cached = await openTokenGenerator(fileOf(gpt, traceCausalLM(gpt)), { threads: 1 });
    const plain = await openTokenGenerator(fileOf(gpt), { threads: 1 });
    const options = { maxTokens: 4 };
    expect(await plain.generate([[1]], options)).toEqual(await cached.generate([[1]], options));
    await cached.dispose();
    await plain.dispose();
  });

  it("refuses what cannot be, in one line", async () => {
    await expect(openTokenGenerator(fileOf(gpt), { padId: V })).rejects.toThrow(
      `WindowGenerator: expected padId from 0 to ${V - 1}, got ${V}`,
    );
    const generator = await openTokenGenerator(fileOf(gpt), { threads: 1 });
    await expect(generator.generate([[]], { maxTokens: 1 })).rejects.toThrow(
      "WindowGenerator.generate: expected a token in prompt 0, got none",
    );
    await expect(generator.generate([[V]], { maxTokens: 1 })).rejects.toThrow(
      `WindowGenerator.generate: expected ids from 0 to ${V - 1}, got ${V} in prompt 0`,
    );
    await generator.dispose();
  });

  it("reads sizes off the file, and says what is missing", () => {
    const read = (change: (model: ReturnType<typeof decodeModel>) => object): (() => unknown) => {
      const model = decodeModel(fileOf(gpt));
      return () => nextTokenSignature({ ...model, ...change(model) });
    };
    expect(read(() => ({}))()).toEqual({ vocabSize: V, blockSize: T, anyLength: true, predicts: "every" });
    expect(read(() => ({ metadata: {} }))).toThrow(
      "nextTokenSignature: expected metadata block_size to be an integer >= 1, got undefined; is this a language model",
    );
    expect(read(({ graph }) => ({ graph: { ...graph, outputs: [] } }))).toThrow(
      "nextTokenSignature: expected an output logits, got none",
    );
    expect(read(({ graph }) => ({ graph: { ...graph, inputs: [{ ...graph.inputs[0], name: "tokens" }] } }))).toThrow(
      'nextTokenSignature: expected no input but input_ids, got "tokens"',
    );
    const window = (T: number) =>
      read(({ graph }) => ({
        graph: { ...graph, inputs: [{ name: "input_ids", dataType: "int64", shape: ["batch_size", T] }] },
      }));
    expect(window(2 ** 20)()).toMatchObject({ blockSize: 2 ** 20, anyLength: false });
    expect(window(2 ** 40)).toThrow(
      `nextTokenSignature: expected input input_ids to have at most ${2 ** 20} tokens, got ${2 ** 40}`,
    );
    expect(read(({ metadata }) => ({ metadata: { ...metadata, predicts: "none" } }))).toThrow(
      'nextTokenSignature: expected metadata predicts to be every or last, got "none"',
    );
  });
});

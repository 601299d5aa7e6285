/**
 * Generation with real GPTs against recomputing everything: the model's plain forward pass over the whole context, without a
 * cache, and the same choice of tokens.
 */

import { Rng } from "@llm-learning/init";
import { GPT, type GPTOptions, Llama } from "@llm-learning/models";
import { compile, type Program, trace } from "@llm-learning/nn-core";
import {
  argmax,
  type GeneratedToken,
  type Generator,
  type RowOptions,
  sampleToken,
  type SamplingOptions,
} from "@llm-learning/onnx";
import { onnxruntimeEngine, openGenerator } from "@llm-learning/onnx/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { encodeOnnx } from "../../src/export/encodeOnnx.ts";

const V = 29;
const gpt2 = { modelType: "gpt2" };
const sizes: GPTOptions = {
  vocabSize: V,
  blockSize: 256,
  nLayer: 2,
  nHead: 2,
  nEmbd: 32,
  init: "torch",
  tieWeights: false,
};

/** PyTorch's initialization, with attention and logits spread wide: the best token depends on the whole context. */
const gptOf = (options: Partial<GPTOptions> = {}): GPT => {
  const model = new GPT({ ...sizes, ...options }, { rng: new Rng(7) });
  const spread = [model.output!, ...model.blocks.map(({ attention }) => attention.qkv)];
  for (const { weight } of spread) weight.data.forEach((value, i, all) => (all[i] = 4 * value));
  return model;
};

/** Logits of the next token by the model's plain forward pass. */
class Recomputation {
  readonly #program: Promise<Program>;

  constructor(model: GPT) {
    const spec = { shape: [1, "T"], dtype: "int64" } as const;
    const graph = trace({ ids: spec, positionIds: spec }, ({ ids, positionIds }) => ({
      logits: model.forward(ids, { positionIds }).logits,
    }));
    this.#program = compile(onnxruntimeEngine({ threads: 1 }), graph);
  }

  async next(context: readonly number[]): Promise<Float32Array> {
    const shape = [1, context.length];
    const { logits } = await (
      await this.#program
    ).run({
      ids: { shape, data: BigInt64Array.from(context, BigInt) },
      positionIds: { shape, data: BigInt64Array.from(context.keys(), BigInt) },
    });
    return (logits.data as Float32Array).slice(-V);
  }

  /** The policy of the generator, in its simplest words. */
  async generate(prompt: readonly number[], blockSize: number, count: number, choose = argmax): Promise<number[]> {
    let context = prompt.slice(-blockSize);
    const tokens: number[] = [];
    while (tokens.length < count) {
      const token = choose(await this.next(context));
      tokens.push(token);
      context = [...context, token];
      if (context.length > blockSize) context = context.slice(-Math.max(1, Math.floor(blockSize / 2)));
    }
    return tokens;
  }
}

const prompts = [[3, 1, 4, 1, 5], [9], [2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2]];

describe("generation with a KV cache", () => {
  const model = gptOf();
  const recomputation = new Recomputation(model);
  let generator: Generator;
  beforeAll(async () => {
    generator = await openGenerator(encodeOnnx(model, gpt2), { threads: 1, strictShapes: true });
  });
  afterAll(() => generator.dispose());

  it("takes the same best tokens as recomputing everything, 200 in a row", async () => {
    const [tokens] = await generator.generate([prompts[0]], { maxTokens: 200 });
    expect(tokens).toEqual(await recomputation.generate(prompts[0], 256, 200));
    // Not stuck in a cycle of a few tokens, in which wrong positions would go unnoticed.
    expect(new Set(tokens).size).toBeGreaterThan(5);
  });

  it("draws the same tokens as recomputing everything", async () => {
    const options: SamplingOptions = { temperature: 1.3, topK: 20, topP: 0.95 };
    const [tokens] = await generator.generate([prompts[2]], { maxTokens: 100, ...options, rng: new Rng(5) });
    const rng = new Rng(5).fork(0);
    const choose = (logits: Float32Array) => sampleToken(logits, options, rng);
    expect(tokens).toEqual(await recomputation.generate(prompts[2], 256, 100, choose));
    expect(new Set(tokens).size).toBeGreaterThan(10);
  });

  it("gives prompts of different lengths in one batch what they get alone", async () => {
    const options = { maxTokens: 60 };
    const together = await generator.generate(prompts, options);
    const alone = await Promise.all(prompts.map(async (prompt) => (await generator.generate([prompt], options))[0]));
    expect(together).toEqual(alone);
  });

  it("gives a row the same draws whatever its neighbours", async () => {
    const options = { maxTokens: 40, temperature: 1 };
    const [first] = await generator.generate([prompts[0]], { ...options, rng: new Rng(3) });
    const batch = await generator.generate(prompts, { ...options, rng: new Rng(3) });
    expect(batch[0]).toEqual(first);
    const others = [prompts[0], prompts[2], prompts[1], prompts[1]];
    expect((await generator.generate(others, { ...options, rng: new Rng(3) }))[0]).toEqual(first);
  });

  it("gives a row with options of its own the same tokens and probabilities whatever its neighbours", async () => {
    const mine = (): RowOptions => ({
      temperature: 1.5,
      minP: 0.02,
      repetitionPenalty: 1.2,
      frequencyPenalty: 0.3,
      logitBias: new Map([[4, 2]]),
      logprobs: 5,
      rng: new Rng(11),
    });
    const read = async (contexts: number[][], rows: RowOptions[], row: number): Promise<GeneratedToken[]> => {
      const tokens: GeneratedToken[] = [];
      for await (const token of generator.stream(contexts, { maxTokens: 40, rows })) {
        if (token.row === row) tokens.push({ ...token, row: 0 });
      }
      return tokens;
    };
    const alone = await read([prompts[0]], [mine()], 0);
    expect(alone).toHaveLength(40);
    const others: RowOptions = { temperature: 2, presencePenalty: 1, rng: new Rng(12) };
    const beside = await read([prompts[2], prompts[0], prompts[1]], [others, mine(), { maxTokens: 7 }], 1);
    expect(beside.map(({ token }) => token)).toEqual(alone.map(({ token }) => token));
    // Padding before a row changes the order in which the runtime adds up its attention: a few roundings of float32.
    const logprobs = (tokens: GeneratedToken[]) => tokens.map(({ logprob = NaN }) => logprob);
    expect(logprobs(beside)).toBeAllclose(logprobs(alone), { atol: 1e-5 });
  });

  it("repeats itself for a seed, and not for another", async () => {
    const draw = (seed: number) =>
      generator.generate([prompts[0], prompts[0]], { maxTokens: 30, temperature: 1, rng: new Rng(seed) });
    const [one, two] = await draw(1);
    expect(await draw(1)).toEqual([one, two]);
    expect(one).not.toEqual(two);
    expect((await draw(2))[0]).not.toEqual(one);
  });

  it("goes on with the others where a row stops", async () => {
    const options = { maxTokens: 40 };
    const free = await generator.generate(prompts, options);
    const stop = free[0][3];
    const stopped = await generator.generate(prompts, { ...options, stopIds: [stop] });
    const upTo = (row: number[]) => (row.includes(stop) ? row.slice(0, row.indexOf(stop)) : row);
    expect(stopped).toEqual(free.map(upTo));
    expect(new Set(stopped.map(({ length }) => length)).size).toBe(3);
  });

  it("lets a timer end it between two tokens", async () => {
    const signal = AbortSignal.timeout(50);
    await expect(generator.generate([[1]], { maxTokens: 1e6, signal })).rejects.toThrow(/timeout/);
  });
});

describe("a Llama whose heads of queries share heads of keys", () => {
  const llama = new Llama({ ...sizes, nHead: 4, nKeyValueHead: 2 }, { rng: new Rng(9) });
  for (const { weight } of [llama.output!, ...llama.blocks.map(({ attention }) => attention.query)]) {
    weight.data.forEach((value, i, all) => (all[i] = 8 * value));
  }
  const options = () => ({
    maxTokens: 120,
    temperature: 1,
    rng: new Rng(4),
    rows: [{ maxTokens: 100 }, {}, { maxTokens: 20 }],
  });

  it("writes the same with either binding, and whether its cache is in place or not", async () => {
    const written = new Map<string, number[][]>();
    for (const portable of [false, true]) {
      for (const binding of ["native", "node"] as const) {
        const generator = await openGenerator(encodeOnnx(llama, { modelType: "llama", portable }), {
          threads: 1,
          binding,
        });
        expect(generator.signature.cacheInPlace).toBe(!portable);
        written.set(`${binding}, ${portable ? "portable" : "in place"}`, await generator.generate(prompts, options()));
        await generator.dispose();
      }
    }
    const [first] = written.values();
    expect(first.map(({ length }) => length)).toEqual([100, 120, 20]);
    expect(new Set(first[1]).size).toBeGreaterThan(5);
    for (const [name, tokens] of written) expect(tokens, name).toEqual(first);
  });

  it("ends within the prefill where a signal says so, and writes the same afterwards", async () => {
    const generator = await openGenerator(encodeOnnx(llama, { modelType: "llama" }), { threads: 1, binding: "native" });
    const controller = new AbortController();
    const prompt = Array.from({ length: 256 }, (_, i) => (i * i) % V);
    const aborted = generator.generate([prompt, prompt], { maxTokens: 5, signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    const [one, two] = await generator.generate([prompt, prompt], { maxTokens: 5 });
    expect(one).toEqual(two);
    expect(one).toHaveLength(5);
    await generator.dispose();
  });
});

describe("a context that is full", () => {
  it.each([16, 7, 2, 1])("of %i tokens goes on as the policy says, without a cache", async (blockSize) => {
    const model = gptOf({ blockSize });
    const generator = await openGenerator(encodeOnnx(model, gpt2), { threads: 1 });
    expect(generator.blockSize).toBe(blockSize);
    const recomputation = new Recomputation(model);
    const together = await generator.generate(prompts, { maxTokens: 50 });
    for (const [row, prompt] of prompts.entries()) {
      expect(together[row], `prompt ${row}`).toEqual(await recomputation.generate(prompt, blockSize, 50));
    }
    await generator.dispose();
  });
});

describe("a model file", () => {
  it("that is damaged is refused, saying where", async () => {
    const bytes = encodeOnnx(gptOf({ blockSize: 8 }), gpt2);
    await expect(openGenerator(bytes.subarray(0, bytes.length / 2))).rejects.toThrow(/^decodeModel: expected/);
    await expect(openGenerator(new Uint8Array(100))).rejects.toThrow(RangeError);
  });
});

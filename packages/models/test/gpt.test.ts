import { GPT, type GPTOptions } from "@llm-learning/models";
import { Rng } from "@llm-learning/init";
import {
  compile,
  graphOf,
  input,
  namedParameters,
  parameterCount,
  referenceEngine,
  stateDict,
  trace,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const tiny: GPTOptions = { vocabSize: 7, blockSize: 4, nLayer: 2, nHead: 2, nEmbd: 6 };
const lecture = { tieWeights: false, outputBias: true, qkvBias: false, activation: "relu" } as const;
const nanogptCpu: GPTOptions = { vocabSize: 65, blockSize: 64, nLayer: 4, nHead: 4, nEmbd: 128, bias: false };

const create = (options: GPTOptions, seed = 1): GPT => new GPT(options, { rng: new Rng(seed) });

describe("the number of parameters", () => {
  it("of nanoGPT's configuration for a CPU is 0.80 million without positions, as nanoGPT counts", () => {
    const model = create(nanogptCpu);
    // Embeddings 65 * 128 + 64 * 128; each of 4 blocks 12 * 128^2 and two norms of 128; the last norm 128.
    const counted = 65 * 128 + 64 * 128 + 4 * (12 * 128 ** 2 + 2 * 128) + 128;
    expect(parameterCount(model)).toBe(counted);
    expect(counted).toBe(804_096);
    expect((counted - model.positionEmbedding.weight.elementCount) / 1e6).toBeCloseTo(0.8, 2);
  });

  it("of the lecture's scaled-up GPT is 10,788,929", () => {
    const model = create({ vocabSize: 65, blockSize: 256, nLayer: 6, nHead: 6, nEmbd: 384, ...lecture, init: "torch" });
    // Each block: 4 C^2 + C of attention (queries, keys and values have no bias), 8 C^2 + 5 C of the MLP, two norms of 2 C.
    const C = 384;
    expect(parameterCount(model)).toBe(65 * C + 256 * C + 6 * (12 * C ** 2 + 10 * C) + 2 * C + 65 * C + 65);
    expect(parameterCount(model)).toBe(10_788_929);
  });

  it("of the GPT in the lecture's Colab is 209,729", () => {
    const model = create({ vocabSize: 65, blockSize: 32, nLayer: 4, nHead: 4, nEmbd: 64, ...lecture, init: "torch" });
    expect(parameterCount(model)).toBe(209_729);
  });

  it("of GPT-2 is 124,439,808", () => {
    const sizes = { vocabSize: 50257, blockSize: 1024, nLayer: 12, nHead: 12, nEmbd: 768, init: "torch" } as const;
    // What Hugging Face counts for "gpt2"; only the sum, as the arrays would be half a gigabyte.
    const block = parameterCount(create({ ...sizes, vocabSize: 1, blockSize: 1, nLayer: 1 })) - 2 * 768 - 2 * 768;
    expect(50257 * 768 + 1024 * 768 + 12 * block + 2 * 768).toBe(124_439_808);
  });
});

describe("names of the parameters, which are keys of the files it is saved to", () => {
  const block = (index: number): string[] =>
    [
      "norm1.weight",
      "norm1.bias",
      "attention.qkv.weight",
      "attention.qkv.bias",
      "attention.output.weight",
      "attention.output.bias",
      "norm2.weight",
      "norm2.bias",
      "mlp.expand.weight",
      "mlp.expand.bias",
      "mlp.project.weight",
      "mlp.project.bias",
    ].map((name) => `blocks.${index}.${name}`);
  const before = ["tokenEmbedding.weight", "positionEmbedding.weight", ...block(0), ...block(1)];

  it("in GPT-2's form, where the output layer is the token embedding", () => {
    expect([...stateDict(create(tiny)).keys()]).toEqual([...before, "norm.weight", "norm.bias"]);
  });

  it("with an output layer of its own", () => {
    const model = create({ ...tiny, tieWeights: false, outputBias: true });
    expect([...stateDict(model).keys()]).toEqual([
      ...before,
      "norm.weight",
      "norm.bias",
      "output.weight",
      "output.bias",
    ]);
  });

  it("without any bias", () => {
    expect([...stateDict(create({ ...tiny, bias: false })).keys()]).toEqual(
      [...before, "norm.weight"].filter((name) => !name.endsWith("bias")),
    );
  });

  it("without the bias of queries, keys and values", () => {
    expect([...stateDict(create({ ...tiny, qkvBias: false })).keys()]).toEqual(
      [...before, "norm.weight", "norm.bias"].filter((name) => !name.endsWith("qkv.bias")),
    );
  });

  it("with the shapes of linear layers as [outFeatures, inFeatures]", () => {
    const shapes = new Map([...stateDict(create(tiny))].map(([name, { shape }]) => [name, shape]));
    expect(shapes.get("tokenEmbedding.weight")).toEqual([7, 6]);
    expect(shapes.get("positionEmbedding.weight")).toEqual([4, 6]);
    expect(shapes.get("blocks.1.attention.qkv.weight")).toEqual([18, 6]);
    expect(shapes.get("blocks.1.mlp.expand.weight")).toEqual([24, 6]);
    expect(shapes.get("blocks.1.mlp.project.weight")).toEqual([6, 24]);
  });
});

describe("weights start as the table of initializations says", () => {
  const sizes = { vocabSize: 400, blockSize: 300, nLayer: 2, nHead: 2, nEmbd: 96 };

  interface Start {
    mean: number;
    std: number;
    count: number;
  }

  function starts(options: Partial<GPTOptions>): Map<string, Start> {
    return new Map(
      [...namedParameters(create({ ...sizes, ...options }))].map(([name, { data }]) => {
        const mean = data.reduce((total, value) => total + value, 0) / data.length;
        const square = data.reduce((total, value) => total + (value - mean) ** 2, 0) / data.length;
        return [name, { mean, std: Math.sqrt(square), count: data.length }];
      }),
    );
  }

  /** Five standard errors of the mean and of the standard deviation of normal numbers. */
  function expectNormal({ mean, std, count }: Start, expected: number): void {
    expect(Math.abs(mean)).toBeLessThan((5 * expected) / Math.sqrt(count));
    expect(Math.abs(std / expected - 1)).toBeLessThan(5 / Math.sqrt(2 * count));
  }

  /** The same for uniform numbers within `bound`, whose fourth moment is 9/5 of their variance squared. */
  function expectUniform({ mean, std, count }: Start, bound: number): void {
    const expected = bound / Math.sqrt(3);
    expect(Math.abs(mean)).toBeLessThan((5 * expected) / Math.sqrt(count));
    expect(Math.abs(std / expected - 1)).toBeLessThan((5 * Math.sqrt(0.8)) / (2 * Math.sqrt(count)));
  }

  const isResidual = (name: string): boolean => /(attention\.output|mlp\.project)\.weight$/.test(name);
  const isNorm = (name: string): boolean => /norm\d?\.weight$/.test(name);

  it('"gpt2": N(0, 0.02), residual projections N(0, 0.02 / sqrt(2 nLayer)), biases 0, norms 1', () => {
    const all = starts({ tieWeights: false, outputBias: true });
    expect(all.size).toBe(2 + 2 * 12 + 2 + 2);
    for (const [name, start] of all) {
      if (name.endsWith("bias")) expect(start, name).toMatchObject({ mean: 0, std: 0 });
      else if (isNorm(name)) expect(start, name).toMatchObject({ mean: 1, std: 0 });
      else expectNormal(start, isResidual(name) ? 0.02 / Math.sqrt(4) : 0.02);
    }
  });

  it('"lecture": N(0, 0.02) for residual projections too', () => {
    const all = starts({ init: "lecture", tieWeights: false, outputBias: true });
    expect(all.size).toBe(2 + 2 * 12 + 2 + 2);
    for (const [name, start] of all) {
      if (name.endsWith("bias")) expect(start, name).toMatchObject({ mean: 0, std: 0 });
      else if (isNorm(name)) expect(start, name).toMatchObject({ mean: 1, std: 0 });
      else expectNormal(start, 0.02);
    }
  });

  it('"torch": PyTorch\'s defaults, N(0, 1) for embeddings and uniform within 1 / sqrt(inFeatures) for linear layers', () => {
    const all = starts({ init: "torch", tieWeights: false, outputBias: true });
    expect(all.size).toBe(2 + 2 * 12 + 2 + 2);
    for (const [name, start] of all) {
      if (name.includes("norm")) expect(start, name).toMatchObject({ mean: isNorm(name) ? 1 : 0, std: 0 });
      else if (name.includes("Embedding")) expectNormal(start, 1);
      else expectUniform(start, 1 / Math.sqrt(name.includes("project") ? 4 * 96 : 96));
    }
  });

  it("the same seed gives the same weights, another seed others", () => {
    const weights = (seed: number): number[][] =>
      [...stateDict(create({ ...tiny, init: "torch" }, seed)).values()].map(({ data }) => [...data]);
    expect(weights(1)).toEqual(weights(1));
    expect(weights(1)).not.toEqual(weights(2));
  });
});

describe("the loss", () => {
  it.each(["gpt2", "lecture"] as const)("before training is about ln(vocabSize), init %s", async (init) => {
    const [B, T, V] = [8, 16, 65];
    const model = create({ vocabSize: V, blockSize: T, nLayer: 3, nHead: 4, nEmbd: 48, init });
    const shape = [B, T];
    const graph = trace(
      { inputIds: { shape, dtype: "int32" }, targets: { shape, dtype: "int32" } },
      ({ inputIds, targets }) => ({ loss: model.loss(inputIds, targets) }),
    );
    const rng = new Rng(5);
    const draw = (): Int32Array => Int32Array.from({ length: B * T }, () => rng.integer(V));
    const { loss } = await (await compile(referenceEngine(), graph)).run({ inputIds: draw(), targets: draw() });
    // Logits are products of a normalized vector of norm sqrt(48) and weights of 0.02: std s = 0.14. The expected loss is
    // ln V + s^2 / 2 = ln V + 0.01, the loss of one target strays by s, that of the mean of 128 by 0.012: 5 of those.
    expect(Math.abs((loss.data[0] as number) - Math.log(V))).toBeLessThan(0.01 + 5 * 0.012);
  });

  it("leaves out targets of -1", async () => {
    const model = create(tiny);
    const graphOfLength = (T: number) =>
      trace(
        { inputIds: { shape: [1, T], dtype: "int32" }, targets: { shape: [1, T], dtype: "int32" } },
        ({ inputIds, targets }) => ({ loss: model.loss(inputIds, targets) }),
      );
    const run = async (inputIds: number[], targets: number[]) => {
      const program = await compile(referenceEngine(), graphOfLength(inputIds.length));
      return (await program.run({ inputIds: Int32Array.from(inputIds), targets: Int32Array.from(targets) })).loss
        .data[0];
    };
    expect(await run([1, 2, 3], [2, 3, -1])).toBe(await run([1, 2], [2, 3]));
  });
});

describe("forward", () => {
  const model = create(tiny);

  it("refuses more tokens than blockSize, and a cache of a length it does not know without positions", () => {
    expect(() => model.forward(input("inputIds", [1, 5], "int32"))).toThrow(
      new RangeError("GPT.forward: expected at most blockSize 4 tokens, or positionIds, got length 5"),
    );
    const cache = { key: input("key", [1, 2, "past", 3]), value: input("value", [1, 2, "past", 3]) };
    expect(() => model.forward(input("inputIds", [1, 1], "int32"), { past: [cache, cache] })).toThrow(
      new RangeError("GPT.forward: expected at most blockSize 4 tokens, or positionIds, got length 1 after past"),
    );
  });

  it("refuses more tokens than blockSize after a cache, and a cache of another number of blocks", () => {
    const cache = { key: input("key", [1, 2, 3, 3]), value: input("value", [1, 2, 3, 3]) };
    const inputIds = input("inputIds", [1, 2], "int32");
    expect(() => model.forward(inputIds, { past: [cache, cache] })).toThrow(
      new RangeError("GPT.forward: expected at most blockSize 4 tokens, or positionIds, got length 2 after 3"),
    );
    expect(() => model.forward(inputIds, { past: [cache] })).toThrow(
      new RangeError("GPT.forward: expected a cache of 2 blocks, got 1"),
    );
  });

  it("refuses tokens that are not integers", () => {
    expect(() => model.forward(input("inputIds", [1, 3]))).toThrow(
      new TypeError("embedding: expected a float32 weight and int32 or int64 indices, got float32 and float32"),
    );
  });

  it("puts tokens at the positions it is given", async () => {
    const ids = input("inputIds", [1, 3], "int32");
    const positionIds = input("positionIds", [1, 3], "int32");
    const program = await compile(
      referenceEngine(),
      graphOf({ given: model.forward(ids, { positionIds }).logits, counted: model.forward(ids).logits }),
    );
    const inputIds = new Int32Array([5, 5, 5]);
    const same = await program.run({ inputIds, positionIds: new Int32Array([0, 1, 2]) });
    expect(same.given.data).toEqual(same.counted.data);
    const moved = await program.run({ inputIds, positionIds: new Int32Array([1, 1, 2]) });
    expect(moved.given.data).not.toEqual(same.counted.data);
  });

  it("gives earlier tokens logits that later tokens do not change", async () => {
    const graph = graphOf({ logits: model.forward(input("inputIds", [1, 4], "int32")).logits });
    const program = await compile(referenceEngine(), graph);
    const run = async (...ids: number[]) => (await program.run({ inputIds: Int32Array.from(ids) })).logits.data.slice();
    const one = await run(1, 2, 3, 4);
    const other = await run(1, 2, 3, 6);
    expect(other.slice(0, 3 * 7)).toEqual(one.slice(0, 3 * 7));
    expect(other.slice(3 * 7)).not.toEqual(one.slice(3 * 7));
  });
});

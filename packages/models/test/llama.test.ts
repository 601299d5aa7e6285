import { Rng } from "@llm-learning/init";
import { Llama, llamaConfig, type LlamaOptions } from "@llm-learning/models";
import {
  compile,
  evaluateFloat64,
  type Feeds,
  grad,
  type Graph,
  graphOf,
  input,
  namedParameters,
  parameterCount,
  referenceEngine,
  taps,
  trace,
  trainableParameters,
} from "@llm-learning/nn-core";
import "@llm-learning/testing/toBeAllclose";
import { describe, expect, it } from "vitest";
import { type LlamaCase, llamaCases, llamaOf } from "./llamaFixture.ts";

/** Logits, loss, and the gradient of each parameter under the parameter's name. */
function trainingGraph(model: Llama, { inputIds: rows }: LlamaCase): Graph {
  const parameters = [...namedParameters(model)];
  const spec = { shape: [rows.length, rows[0].length], dtype: "int32" } as const;
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

function feedsOf({ inputIds, targets }: LlamaCase): Feeds {
  return { inputIds: Int32Array.from(inputIds.flat()), targets: Int32Array.from(targets.flat()) };
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

describe.each(Object.entries(llamaCases))("%s", (_, one) => {
  it("has the weights that Hugging Face's model has", () => {
    const shapes = Object.entries(one.weights).map(([name, { shape }]) => [name, shape]);
    const ours = [...namedParameters(llamaOf(one))].map(([name, { shape }]) => [name, shape]);
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(shapes));
    expect(ours).toHaveLength(shapes.length);
  });

  it("computes its logits, loss and every gradient in double precision", () => {
    const result = evaluateFloat64(trainingGraph(llamaOf(one), one), feedsOf(one));
    const expected = Object.entries({ logits: one.logits, loss: [one.loss], ...one.gradients });
    expect(Object.keys(result)).toHaveLength(expected.length);
    for (const [name, values] of expected) {
      // The fixture has 9 digits.
      expect(result[name].data, name).toBeAllclose(values, { atol: 1e-8 * largest(values) });
    }
  });

  it("computes them in float32", async () => {
    const program = await compile(referenceEngine(), trainingGraph(llamaOf(one), one));
    const result = await program.run(feedsOf(one));
    for (const [name, values] of Object.entries({ logits: one.logits, loss: [one.loss], ...one.gradients })) {
      // Roundings of 6e-8 add up over two blocks, of values that cancel.
      expect(result[name].data, name).toBeAllclose(values, { atol: 5e-6 * largest(values) });
    }
  });
});

const tiny: LlamaOptions = { vocabSize: 7, blockSize: 4, nLayer: 2, nHead: 2, nEmbd: 8, nHidden: 6 };
const create = (options: LlamaOptions): Llama => new Llama(options, { rng: new Rng(1) });

describe("the number of parameters", () => {
  it.each<[string, LlamaOptions]>([
    ["plain", tiny],
    ["grouped and tied", { ...tiny, nHead: 4, nKeyValueHead: 2, tieWeights: true }],
    ["with norms of queries and keys and wide heads", { ...tiny, qkNorm: true, headDim: 6 }],
    ["with a squared ReLU", { ...tiny, mlp: "squared-relu" }],
  ])("is known without making the model, %s", (_, options) => {
    expect(Llama.parameterCount(options)).toBe(parameterCount(create(options)));
  });

  it("of Llama 3.2 1B is 1,235,814,400, of Qwen3 0.6B 596,049,920", () => {
    // What the model cards' safetensors hold.
    const llama32: LlamaOptions = {
      vocabSize: 128_256,
      blockSize: 131_072,
      nLayer: 16,
      nHead: 32,
      nKeyValueHead: 8,
      nEmbd: 2048,
      nHidden: 8192,
      tieWeights: true,
    };
    expect(Llama.parameterCount(llama32)).toBe(1_235_814_400);
    const qwen3: LlamaOptions = {
      vocabSize: 151_936,
      blockSize: 40_960,
      nLayer: 28,
      nHead: 16,
      nKeyValueHead: 8,
      nEmbd: 1024,
      headDim: 128,
      nHidden: 3072,
      qkNorm: true,
      tieWeights: true,
    };
    expect(Llama.parameterCount(qwen3)).toBe(596_049_920);
  });
});

describe("a configuration", () => {
  it("follows from the sizes", () => {
    expect(llamaConfig({ ...tiny, nHidden: undefined } as unknown as LlamaOptions)).toMatchObject({
      nKeyValueHead: 2,
      headDim: 4,
      // 8/3 of 8 is 21.3.
      nHidden: 32,
      mlp: "swiglu",
      tieWeights: false,
    });
  });

  it.each<[string, Partial<LlamaOptions>, string]>([
    [
      "heads that do not divide",
      { nKeyValueHead: 3 },
      "expected nKeyValueHead that divides nHead, got nKeyValueHead 3",
    ],
    ["a head that is odd", { headDim: 3 }, "expected headDim to be an even integer >= 2, got 3"],
    ["heads of a fraction", { nHead: 3 }, "expected headDim to be an even integer >= 2, got 2.66"],
    ["a theta of 0", { ropeTheta: 0 }, "expected ropeTheta to be a number greater than 0, got 0"],
    ["an epsilon that is no number", { normEps: NaN }, "expected normEps to be a number greater than 0, got NaN"],
    ["a negative cap", { softCap: -1 }, "expected softCap to be a number >= 0, got -1"],
    ["a dropout of 1", { dropout: 1 }, "expected dropout in [0, 1), got 1"],
    [
      "another non-linearity",
      { mlp: "geglu" as "swiglu" },
      "expected mlp to be one of swiglu, squared-relu, got geglu",
    ],
    ["no layers", { nLayer: 0 }, "expected nLayer to be an integer >= 1, got 0"],
  ])("with %s is refused", (_, changes, message) => {
    expect(() => llamaConfig({ ...tiny, ...changes })).toThrow(`Llama: ${message}`);
  });
});

describe("a forward pass", () => {
  it("bends logits to within the cap", async () => {
    const softCap = 0.01;
    const inputs = input("inputIds", [1, 3], "int32");
    const [plain, capped] = [create(tiny), create({ ...tiny, softCap })];
    const graph = graphOf({ plain: plain.forward(inputs).logits, capped: capped.forward(inputs).logits });
    const result = await (await compile(referenceEngine(), graph)).run({ inputIds: Int32Array.of(1, 2, 3) });
    const expected = Array.from(result.plain.data as Float32Array, (logit) => softCap * Math.tanh(logit / softCap));
    // Values of 0.01 in float32.
    expect(result.capped.data).toBeAllclose(expected, { atol: 1e-9 });
    expect(largest(expected)).toBeGreaterThan(softCap / 2);
  });

  it("refuses more tokens than blockSize, and a cache of another number of blocks", () => {
    const model = create(tiny);
    expect(() => model.forward(input("inputIds", [1, 5], "int32"))).toThrow(
      new RangeError("Llama.forward: expected at most blockSize 4 tokens, or positionIds, got length 5"),
    );
    const { present } = model.forward(input("inputIds", [1, 2], "int32"));
    expect(() => model.forward(input("next", [1, 1], "int32"), { past: present.slice(1) })).toThrow(
      new RangeError("Llama.forward: expected a cache of 2 blocks, got 1"),
    );
    expect(() => model.forward(input("next", [1, 3], "int32"), { past: present })).toThrow("got length 3 after 2");
  });

  it("names its values for diagnostics", () => {
    const { logits } = create({ ...tiny, mlp: "squared-relu" }).forward(input("inputIds", [1, 2], "int32"));
    const named = [...taps([logits])].map(([name, { kind }]) => `${name} ${kind}`);
    expect(named.slice(0, 5)).toEqual([
      "blocks.0.attention.query query",
      "blocks.0.attention.key key",
      "blocks.0.attention.probabilities attention",
      "blocks.0.mlp.hidden relu",
      "blocks.0.residual residual",
    ]);
    expect(named.at(-1)).toBe("logits logits");
  });
});

it("weights start as GPT-2's: N(0, 0.02), those into the residual stream divided by sqrt(2 nLayer), norms at 1", () => {
  const model = create({ vocabSize: 300, blockSize: 8, nLayer: 2, nHead: 4, nEmbd: 96 });
  for (const [name, { data }] of trainableParameters(model)) {
    if (/norm\d?\.weight$/.test(name)) {
      expect(
        data.every((value) => value === 1),
        name,
      ).toBe(true);
      continue;
    }
    const expected = /attention\.output|mlp\.down/.test(name) ? 0.01 : 0.02;
    const std = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
    // Of 9,216 and more draws: a relative error of 1 / sqrt(2 n) is 0.7 %; five times that.
    expect(Math.abs(std / expected - 1), name).toBeLessThan(0.04);
  }
});

/**
 * Exported decoders of every form, with ONNX Runtime's own operators and with standard ones alone: a batch of prompts padded on the left
 * and then token by token, against each text by itself in the training graph.
 */

import { Rng } from "@llm-learning/init";
import { type CausalLM, GPT, type GPTOptions, Llama, type LlamaOptions } from "@llm-learning/models";
import { compile, graphOf, input, referenceEngine, type TensorValue, trainableParameters } from "@llm-learning/nn-core";
import { encodeModel, type OnnxModel } from "@llm-learning/onnx";
import { createOrtSession } from "@llm-learning/onnx/node";
import "@llm-learning/testing/toBeAllclose";
import { describe, expect, it } from "vitest";
import { inferenceModel } from "../../src/export/encodeOnnx.ts";
import { quantizations, quantizedForm } from "../../src/export/quantizedForms.ts";

const V = 11;
// Heads of 8 features, as GroupQueryAttention wants them; 32 inputs for each linear layer make whole blocks.
const sizes = { vocabSize: V, blockSize: 16, nLayer: 2, nHead: 4, nEmbd: 32 };

const gpt = (options: Partial<GPTOptions> = {}): GPT =>
  new GPT({ ...sizes, init: "torch", ...options }, { rng: new Rng(2) });
const llama = (options: Partial<LlamaOptions> = {}): Llama =>
  new Llama({ ...sizes, nHidden: 64, nKeyValueHead: 2, headDim: 8, ...options }, { rng: new Rng(5) });

const models: readonly (readonly [name: string, model: CausalLM])[] = [
  ["a GPT", gpt()],
  ["a GPT without biases", gpt({ bias: false })],
  ["a GPT of the lecture's form", gpt({ activation: "relu", qkvBias: false, tieWeights: false, outputBias: true })],
  ["a Llama", llama()],
  ["a Llama with tied weights", llama({ tieWeights: true })],
  ["a Llama of as many heads of keys", llama({ nKeyValueHead: 4 })],
  ["a Llama of one head of keys", llama({ nKeyValueHead: 1 })],
  ["a Llama whose heads GroupQueryAttention cannot take", llama({ headDim: 4 })],
  ["a Qwen3", llama({ qkNorm: true, tieWeights: true })],
  ["an Arcee", llama({ mlp: "squared-relu" })],
  ["a Llama with capped logits", llama({ softCap: 3 })],
];
for (const [, model] of models.slice(3)) {
  // Weights of 0.02 would give logits in which no error shows.
  for (const { data, shape } of trainableParameters(model).values()) {
    if (shape.length > 1) for (let i = 0; i < data.length; i++) data[i] *= 8;
  }
}

const texts = [
  [3, 1, 4, 1, 5, 9],
  [2, 6, 5, 3],
  [5, 8, 9],
];

/** Logits of the tokens of each text of a batch, those of the padding left out: all but two tokens at once, and those one by one. */
async function exportedLogits(onnx: OnnxModel, { cacheSizes }: CausalLM, batch = texts): Promise<number[][]> {
  const length = Math.max(...batch.map((text) => text.length));
  const steps = [length - 2, 1, 1];
  const pads = batch.map((text) => length - text.length);
  const session = await createOrtSession(encodeModel(onnx), { threads: 1, strictShapes: true });
  const { layers, heads, headDim } = cacheSizes;
  const none: TensorValue = { dtype: "float32", shape: [batch.length, heads, 0, headDim], data: new Float32Array() };
  const names = Array.from({ length: layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
  let past = Object.fromEntries(names.map((name) => [name, none]));
  const logits: number[][] = batch.map(() => []);
  const int64 = (rows: number[][]): TensorValue => ({
    dtype: "int64",
    shape: [rows.length, rows[0].length],
    data: BigInt64Array.from(rows.flat(), BigInt),
  });
  let start = 0;
  for (const count of steps) {
    const columns = Array.from({ length: count }, (_, i) => start + i);
    const result = await session.run({
      input_ids: int64(batch.map((text, b) => columns.map((t) => text[t - pads[b]] ?? 0))),
      position_ids: int64(batch.map((_, b) => columns.map((t) => Math.max(0, t - pads[b])))),
      attention_mask: int64(
        batch.map((_, b) => Array.from({ length: start + count }, (_token, t) => Number(t >= pads[b]))),
      ),
      ...Object.fromEntries(names.map((name) => [`past_key_values.${name}`, past[name]])),
    });
    batch.forEach((_, b) => {
      for (const [i, t] of columns.entries()) {
        if (t >= pads[b])
          logits[b].push(...(result.logits.data.slice((b * count + i) * V, (b * count + i + 1) * V) as Float32Array));
      }
    });
    past = Object.fromEntries(names.map((name) => [name, result[`present.${name}`]]));
    start += count;
  }
  await session.dispose();
  return logits;
}

async function trainingLogits(model: CausalLM, text: number[]): Promise<Float32Array> {
  const graph = graphOf({ logits: model.forward(input("inputIds", [1, text.length], "int32")).logits });
  const { logits } = await (await compile(referenceEngine(), graph)).run({ inputIds: Int32Array.from(text) });
  return logits.data as Float32Array;
}

const domains = ({ graph, opsetImports }: OnnxModel): string[] => [
  ...new Set([...graph.nodes.map(({ domain = "" }) => domain), ...opsetImports.map(({ domain }) => domain)]),
];
/** Operators that stand in the default domain without being of it. */
const strangers = ({ graph }: OnnxModel): string[] =>
  graph.nodes.map(({ opType }) => opType).filter((opType) => opType.startsWith("Simplified"));

describe.each(models)("%s, exported", (_, model) => {
  it.each([
    ["ONNX Runtime's own operators", false],
    ["standard operators alone", true],
  ])("with %s has the logits of the training graph, in padded rows too", async (_operators, portable) => {
    const onnx = inferenceModel(model, { modelType: "any", portable });
    if (portable) expect([domains(onnx), strangers(onnx)]).toEqual([[""], []]);
    else expect(domains(onnx)).toContain("com.microsoft");
    const logits = await exportedLogits(onnx, model);
    for (const [b, text] of texts.entries()) {
      // Logits of 1 to 10 in float32, after roundings of 6e-8 through two blocks, in another order of sums.
      expect(logits[b], `text ${b}`).toBeAllclose(await trainingLogits(model, text), { rtol: 1e-5, atol: 2e-5 });
    }
  });
});

describe.each(models.filter(([, model]) => !("output" in model) || model.output !== undefined).slice(0, 2))(
  "%s in fewer bits",
  (_, model) => {
    it.each(quantizations)("as %s is portable where that is asked for, and computes the same", async (form) => {
      const [portable, own] = [true, false].map((isPortable) =>
        quantizedForm(inferenceModel(model, { modelType: "any", portable: isPortable }), form, {
          portable: isPortable,
        }),
      );
      expect([domains(portable), strangers(portable)]).toEqual([[""], []]);
      // In int8 the rows of a batch, padding included, change each other's results, and what padding computes is the operators' own.
      const batches = form === "int8" ? texts.map((text) => [text]) : [texts];
      const logits = async (onnx: OnnxModel): Promise<number[][]> =>
        (await Promise.all(batches.map((batch) => exportedLogits(onnx, model, batch)))).flat();
      const [standard, contrib] = [await logits(portable), await logits(own)];
      for (const b of texts.keys()) {
        // ONNX Runtime makes the same product of both, with x rounded to 8 bits in blocks; other roundings before it may move a level.
        expect(standard[b], `text ${b}`).toBeAllclose(contrib[b], { atol: form === "fp16" ? 2e-5 : 0.05 });
      }
    });
  },
);

describe("tied weights in fewer bits", () => {
  const model = llama({ tieWeights: true });
  it.each(["q8", "q4"] as const)("as %s are stored once, for the embedding too", async (form) => {
    const onnx = quantizedForm(inferenceModel(model, { modelType: "any" }), form);
    const tables = onnx.graph.initializers.filter(
      ({ name, dims }) => name.startsWith("tokenEmbedding") && dims.length > 1,
    );
    expect(tables.map(({ name }) => name)).toEqual(["tokenEmbedding.weight.levels", "tokenEmbedding.weight.scales"]);
    expect((await exportedLogits(onnx, model)).flat().every(Number.isFinite)).toBe(true);
  });

  it("of standard operators have the embedding in half precision", () => {
    const onnx = quantizedForm(inferenceModel(model, { modelType: "any", portable: true }), "q4", { portable: true });
    expect(domains(onnx)).toEqual([""]);
    expect(onnx.graph.initializers.map(({ name }) => name)).toContain("tokenEmbedding.weight.float16");
  });
});

/**
 * The GGUF files of a model directory. That llama.cpp reads them and writes the same tokens is for bench/clients/nodeLlamaCpp.mjs to say.
 */

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rng } from "@llm-learning/init";
import {
  Bigram,
  GPT,
  type GPTOptions,
  type LanguageModel,
  Llama,
  type LlamaOptions,
  type RopeScaling,
} from "@llm-learning/models";
import { stateDict, trainableParameters } from "@llm-learning/nn-core";
import { CharacterTokenizer } from "@llm-learning/tokenizers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportModel, type ExportFormat } from "../../../src/export/exportModel.ts";
import { decodeGguf } from "../../../src/export/gguf/decodeGguf.ts";
import type { Gguf } from "../../../src/export/gguf/gguf.ts";
import { ggufValues } from "../../../src/export/gguf/ggufTensor.ts";
import type { Quantization } from "../../../src/export/quantizedForms.ts";

const tokenizer = CharacterTokenizer.fromCharacters("\n abcdefghi");
const gptSizes: GPTOptions = { vocabSize: 11, blockSize: 8, nLayer: 1, nHead: 2, nEmbd: 32 };
const llamaSizes: LlamaOptions = {
  vocabSize: 11,
  blockSize: 8,
  nLayer: 1,
  nHead: 2,
  nKeyValueHead: 1,
  nEmbd: 8,
  nHidden: 32,
};

const yarn = { type: "yarn", factor: 4, originalLength: 8 } as const;
const llama3 = {
  type: "llama3",
  factor: 8,
  originalLength: 8192,
  lowFrequencyFactor: 32,
  highFrequencyFactor: 128,
} as const;

const gptOf = (options: Partial<GPTOptions> = {}): GPT => new GPT({ ...gptSizes, ...options }, { rng: new Rng(1) });
function llamaOf(options: Partial<LlamaOptions> = {}): Llama {
  const model = new Llama({ ...llamaSizes, ...options }, { rng: new Rng(1) });
  // Each weight tells its row.
  for (const { data, shape } of trainableParameters(model).values()) {
    const columns = shape.length > 1 ? (shape[1] as number) : 1;
    for (let i = 0; i < data.length; i++) data[i] = Math.floor(i / columns);
  }
  return model;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gguf-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function exported(
  model: LanguageModel,
  { formats = ["gguf"], quantize = [] }: { formats?: readonly ExportFormat[]; quantize?: readonly Quantization[] } = {},
): Promise<{ read(name?: string): Promise<Gguf> }> {
  const outDir = join(folder, "model");
  await exportModel({ model, tokenizer, kind: "mine", outDir, formats, quantize, step: 7, validationLoss: 1.5 });
  return { read: async (name = "model.gguf") => decodeGguf(Uint8Array.from(await readFile(join(outDir, name)))) };
}

const valuesOf = ({ metadata }: Gguf): Record<string, unknown> =>
  Object.fromEntries([...metadata].map(([key, entry]) => [key, entry.type === "array" ? entry.values : entry.value]));

describe("a GPT as GGUF", () => {
  it("has the names, shapes and sizes of llama.cpp's gpt2", async () => {
    const gguf = await (await exported(gptOf())).read();
    expect(valuesOf(gguf)).toMatchObject({
      "general.architecture": "gpt2",
      "general.file_type": 0,
      "general.size_label": "13K",
      "llm_learning.step": 7,
      "llm_learning.validation_loss": 1.5,
      "gpt2.vocab_size": 11,
      "gpt2.context_length": 8,
      "gpt2.embedding_length": 32,
      "gpt2.feed_forward_length": 128,
      "gpt2.block_count": 1,
      "gpt2.attention.head_count": 2,
      "gpt2.attention.layer_norm_epsilon": Math.fround(1e-5),
    });
    expect([...gguf.tensors].map(([name, { type, shape }]) => [name, type, ...shape])).toEqual([
      ["token_embd.weight", "F32", 11, 32],
      ["position_embd.weight", "F32", 8, 32],
      ["blk.0.attn_norm.weight", "F32", 32],
      ["blk.0.attn_norm.bias", "F32", 32],
      ["blk.0.attn_qkv.weight", "F32", 96, 32],
      ["blk.0.attn_qkv.bias", "F32", 96],
      ["blk.0.attn_output.weight", "F32", 32, 32],
      ["blk.0.attn_output.bias", "F32", 32],
      ["blk.0.ffn_norm.weight", "F32", 32],
      ["blk.0.ffn_norm.bias", "F32", 32],
      ["blk.0.ffn_up.weight", "F32", 128, 32],
      ["blk.0.ffn_up.bias", "F32", 128],
      ["blk.0.ffn_down.weight", "F32", 32, 128],
      ["blk.0.ffn_down.bias", "F32", 32],
      ["output_norm.weight", "F32", 32],
      ["output_norm.bias", "F32", 32],
    ]);
  });

  it("keeps matrices as they are, has zeros for biases that are not there, and the output layer where it is its own", async () => {
    const model = gptOf({ bias: false, qkvBias: false, tieWeights: false });
    const { tensors } = await (await exported(model)).read();
    const values = stateDict(model);
    for (const [ours, theirs] of [
      ["blocks.0.attention.qkv", "blk.0.attn_qkv"],
      ["blocks.0.mlp.expand", "blk.0.ffn_up"],
      ["output", "output"],
    ]) {
      expect(ggufValues(tensors.get(`${theirs}.weight`)!)).toEqual(values.get(`${ours}.weight`)!.data);
    }
    expect(ggufValues(tensors.get("blk.0.attn_qkv.bias")!)).toEqual(new Float32Array(96));
    expect(ggufValues(tensors.get("output_norm.bias")!)).toEqual(new Float32Array(32));
  });
});

describe("a Llama as GGUF", () => {
  it("has the names and sizes of llama.cpp's llama", async () => {
    const gguf = await (await exported(llamaOf())).read();
    expect(valuesOf(gguf)).toMatchObject({
      "general.architecture": "llama",
      "llama.vocab_size": 11,
      "llama.context_length": 8,
      "llama.embedding_length": 8,
      "llama.feed_forward_length": 32,
      "llama.block_count": 1,
      "llama.attention.head_count": 2,
      "llama.attention.head_count_kv": 1,
      "llama.attention.key_length": 4,
      "llama.attention.value_length": 4,
      "llama.attention.layer_norm_rms_epsilon": Math.fround(1e-5),
      "llama.rope.dimension_count": 4,
      "llama.rope.freq_base": 10_000,
    });
    expect([...gguf.tensors.keys()]).toEqual([
      "token_embd.weight",
      "blk.0.attn_norm.weight",
      "blk.0.attn_q.weight",
      "blk.0.attn_k.weight",
      "blk.0.attn_v.weight",
      "blk.0.attn_output.weight",
      "blk.0.ffn_norm.weight",
      "blk.0.ffn_gate.weight",
      "blk.0.ffn_up.weight",
      "blk.0.ffn_down.weight",
      "output_norm.weight",
      "output.weight",
    ]);
  });

  // Heads of four: what ours rotates together, rows 0 and 2, and rows 1 and 3, are neighbours there.
  it.each([
    ["llama", {}, [0, 2, 1, 3, 4, 6, 5, 7], [0, 2, 1, 3]],
    ["arcee", { mlp: "squared-relu" }, [0, 2, 1, 3, 4, 6, 5, 7], [0, 2, 1, 3]],
    ["qwen3", { qkNorm: true }, [0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3]],
  ] as const)(
    "of the form %s has rows of queries and keys where its rotation wants them",
    async (form, options, q, k) => {
      const gguf = await (await exported(llamaOf(options))).read();
      expect(valuesOf(gguf)["general.architecture"]).toBe(form);
      const rows = (name: string): number[] => [...ggufValues(gguf.tensors.get(name)!)].filter((_, i) => i % 8 === 0);
      expect(rows("blk.0.attn_q.weight")).toEqual(q);
      expect(rows("blk.0.attn_k.weight")).toEqual(k);
      expect(rows("blk.0.attn_v.weight")).toEqual([0, 1, 2, 3]);
      expect(gguf.tensors.has("blk.0.attn_q_norm.weight")).toBe(form === "qwen3");
      expect(gguf.tensors.has("blk.0.ffn_gate.weight")).toBe(form !== "arcee");
    },
  );

  it("has its biases, those of queries and keys in the order of the rows", async () => {
    const biased = { qkvBias: true, projectionBias: true, mlpBias: true };
    const { tensors } = await (await exported(llamaOf(biased))).read();
    expect([...ggufValues(tensors.get("blk.0.attn_q.bias")!)]).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
    expect([...ggufValues(tensors.get("blk.0.attn_v.bias")!)]).toEqual([0, 1, 2, 3]);
    expect([...tensors.keys()].filter((name) => name.endsWith(".bias"))).toEqual(
      ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"].map(
        (name) => `blk.0.${name}.bias`,
      ),
    );
  });

  it("is qwen2 with biases of queries, keys and values alone, and llama where that has no such heads", async () => {
    const qwen2 = await (await exported(llamaOf({ qkvBias: true }))).read();
    expect(valuesOf(qwen2)["general.architecture"]).toBe("qwen2");
    expect([...ggufValues(qwen2.tensors.get("blk.0.attn_q.bias")!)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const wider = await (await exported(llamaOf({ qkvBias: true, headDim: 8 }))).read();
    expect(valuesOf(wider)).toMatchObject({ "general.architecture": "llama", "llama.attention.key_length": 8 });
    const query = [...ggufValues(wider.tensors.get("blk.0.attn_q.bias")!)];
    expect(query).toEqual([0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15]);
  });

  it("says how its rotary positions are stretched", async () => {
    const stretched = async (ropeScaling: RopeScaling): Promise<Gguf> =>
      (await exported(llamaOf({ ropeScaling }))).read();
    expect(valuesOf(await stretched({ type: "linear", factor: 4 }))).toMatchObject({
      "llama.rope.scaling.type": "linear",
      "llama.rope.scaling.factor": 4,
    });
    // YaRN's own factor of attention for 4 is 0.1 ln 4 + 1 = 1.138629; llama.cpp is told what it is to be multiplied by.
    expect(valuesOf(await stretched({ ...yarn, attentionFactor: 2.277259 }))).toMatchObject({
      "llama.rope.scaling.type": "yarn",
      "llama.rope.scaling.factor": 4,
      "llama.rope.scaling.original_context_length": 8,
      "llama.rope.scaling.attn_factor": expect.closeTo(2, 5),
    });
    // Of a head of four the first pair turns by 1 and stays; the second by 0.01, a wave of 628 tokens, far beyond 8192 / 32.
    const { tensors, metadata } = await stretched(llama3);
    expect([...ggufValues(tensors.get("rope_freqs.weight")!)]).toEqual([1, 8]);
    expect(metadata.has("llama.rope.scaling.type")).toBe(false);
  });

  it("leaves out an output layer that is the embedding's", async () => {
    const { tensors } = await (await exported(llamaOf({ tieWeights: true }))).read();
    expect(tensors.has("output.weight")).toBe(false);
  });
});

describe("GGUF in fewer bits", () => {
  it("stands beside the model, matrices alone in blocks, and those of other widths in halves", async () => {
    const model = gptOf({ nEmbd: 32 });
    const files = await exported(model, { quantize: ["fp16", "q8", "q4"] });
    const types = async (name: string): Promise<unknown> => {
      const gguf = await files.read(name);
      const of = (tensor: string): unknown => gguf.tensors.get(tensor)?.type;
      return {
        type: valuesOf(gguf)["general.file_type"],
        embedding: of("token_embd.weight"),
        positions: of("position_embd.weight"),
        linear: of("blk.0.ffn_up.weight"),
        norm: of("blk.0.ffn_norm.weight"),
        bias: of("blk.0.ffn_up.bias"),
      };
    };
    const exact = { positions: "F32", norm: "F32", bias: "F32" };
    expect(await types("model-f16.gguf")).toEqual({ ...exact, type: 1, embedding: "F16", linear: "F16" });
    expect(await types("model-q8_0.gguf")).toEqual({ ...exact, type: 7, embedding: "Q8_0", linear: "Q8_0" });
    expect(await types("model-q4_0.gguf")).toEqual({ ...exact, type: 2, embedding: "Q8_0", linear: "Q4_0" });

    const narrow = await (await exported(llamaOf(), { quantize: ["q4"] })).read("model-q4_0.gguf");
    expect(narrow.tensors.get("blk.0.ffn_up.weight")?.type).toBe("F16");
    expect(narrow.tensors.get("blk.0.ffn_down.weight")?.type).toBe("Q4_0");
  });

  it("makes room for the next export", async () => {
    await exported(gptOf(), { quantize: ["fp16", "q8", "q4"] });
    await exported(gptOf());
    expect((await readdir(join(folder, "model"))).filter((name) => name.endsWith(".gguf"))).toEqual(["model.gguf"]);
  });
});

describe("what llama.cpp does not compute", () => {
  it.each([
    ["a GPT with ReLU", gptOf({ activation: "relu" }), /got a GPT with relu, where its gpt2 has gelu/],
    ["a biased output layer", gptOf({ tieWeights: false, outputBias: true }), /got a GPT with a bias in the output/],
    ["capped logits", llamaOf({ softCap: 3 }), /got a Llama with capped logits/],
    [
      "both of two choices",
      llamaOf({ mlp: "squared-relu", qkNorm: true }),
      /mlp "squared-relu", qkNorm true, .* together/,
    ],
    ["biases that Arcee has not there", llamaOf({ mlp: "squared-relu", mlpBias: true }), /mlpBias true, .* together/],
    ["stretched positions of Qwen3", llamaOf({ qkNorm: true, ropeScaling: llama3 }), /ropeScaling "llama3" together/],
    ["YaRN with other bounds", llamaOf({ ropeScaling: { ...yarn, betaFast: 16 } }), /ropeScaling "yarn" together/],
    ["a table of pairs", new Bigram({ vocabSize: 11, blockSize: 8 }, { rng: new Rng(1) }), /got one of kind "mine"/],
  ])("is refused: %s, and nothing is written", async (_, model, message) => {
    await expect(exported(model, { formats: ["onnx", "gguf"] })).rejects.toThrow(message);
    await expect(exported(model, { formats: ["onnx", "gguf"] })).rejects.toThrow(/leave gguf out of the formats/);
    expect(await readdir(folder)).toEqual([]);
  });
});

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rng } from "@llm-learning/init";
import { Llama, type LlamaOptions } from "@llm-learning/models";
import { compile, graphOf, input, referenceEngine, trainableParameters } from "@llm-learning/nn-core";
import { decodeModel } from "@llm-learning/onnx";
import { createOrtSession } from "@llm-learning/onnx/node";
import "@llm-learning/testing/toBeAllclose";
import { CharacterTokenizer } from "@llm-learning/tokenizers";
import { exportModel } from "@llm-learning/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeOnnx } from "../../src/export/encodeOnnx.ts";

const sizes = {
  vocabSize: 11,
  blockSize: 8,
  nLayer: 2,
  nHead: 4,
  nKeyValueHead: 2,
  nEmbd: 16,
  headDim: 8,
  nHidden: 12,
};

const variants: [name: string, modelType: string, choices: Partial<LlamaOptions>][] = [
  ["Llama", "llama", {}],
  ["Qwen3", "qwen3", { qkNorm: true, tieWeights: true }],
  ["a squared ReLU", "arcee", { mlp: "squared-relu" }],
  ["capped logits", "llm-learning-llama", { softCap: 3 }],
];

function llamaOf(choices: Partial<LlamaOptions>): Llama {
  const model = new Llama({ ...sizes, ...choices }, { rng: new Rng(5) });
  // Weights of 0.02 would give logits in which no error shows.
  for (const { data, shape } of trainableParameters(model).values()) {
    if (shape.length > 1) for (let i = 0; i < data.length; i++) data[i] *= 12;
  }
  return model;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "export-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.each(variants)("the exported model of %s", (_, modelType, choices) => {
  it.each([
    ["ONNX Runtime's own operators", false],
    ["standard operators alone", true],
  ])("has the logits of the training graph, at once and token by token, with %s", async (_operators, portable) => {
    const model = llamaOf(choices);
    const bytes = encodeOnnx(model, { modelType, portable });
    expect(decodeModel(bytes).opsetImports.map(({ domain }) => domain)).toEqual(
      portable ? [""] : ["", "com.microsoft"],
    );
    const session = await createOrtSession(bytes, { threads: 1, strictShapes: true });
    const ids = [3, 1, 4, 1, 5, 9];
    const int64 = (values: number[]) =>
      ({ dtype: "int64", shape: [1, values.length], data: BigInt64Array.from(values, BigInt) }) as const;
    const { heads, headDim } = model.cacheSizes;
    const empty = { dtype: "float32", shape: [1, heads, 0, headDim], data: new Float32Array() } as const;
    let past: Record<string, typeof empty> = {};
    for (const layer of [0, 1]) for (const part of ["key", "value"]) past[`past_key_values.${layer}.${part}`] = empty;

    const logits: number[] = [];
    for (const [begin, end] of [
      [0, 4],
      [4, 5],
      [5, 6],
    ]) {
      const positions = ids.slice(begin, end).map((_id, i) => begin + i);
      const result = await session.run({
        input_ids: int64(ids.slice(begin, end)),
        attention_mask: int64(ids.slice(0, end).map(() => 1)),
        position_ids: int64(positions),
        ...past,
      });
      logits.push(...(result.logits.data as Float32Array));
      past = Object.fromEntries(
        Object.keys(past).map((name) => [name, result[name.replace("past_key_values", "present")] as typeof empty]),
      );
    }
    const graph = graphOf({ logits: model.forward(input("inputIds", [1, ids.length], "int32")).logits });
    const expected = await (await compile(referenceEngine(), graph)).run({ inputIds: Int32Array.from(ids) });
    // Logits of about 1 in float32, after roundings of 6e-8 through two blocks, in another order of sums.
    expect(logits).toBeAllclose(expected.logits.data as Float32Array, { atol: 1e-5 });
    await session.dispose();
  });

  it("says in config.json what it is", async () => {
    const model = llamaOf(choices);
    const tokenizer = CharacterTokenizer.fromCharacters("abcdefghijk");
    const outDir = join(folder, "model");
    await exportModel({ model, kind: "llama", tokenizer, outDir, formats: ["safetensors"] });
    const config = JSON.parse(await readFile(join(outDir, "config.json"), "utf8")) as Record<string, unknown>;
    expect(config.model_type).toBe(modelType);
    if (modelType.startsWith("llm-learning")) return;
    expect(config).toMatchObject({
      hidden_size: 16,
      num_key_value_heads: 2,
      head_dim: model.config.headDim,
      hidden_act: choices.mlp === "squared-relu" ? "relu2" : "silu",
      max_position_embeddings: 8,
      rope_parameters: { rope_type: "default", rope_theta: 10_000 },
      tie_word_embeddings: choices.tieWeights ?? false,
    });
  });
});

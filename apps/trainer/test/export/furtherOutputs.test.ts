/**
 * What an exported decoder can give besides scores: the hidden states that embeddings are made of, and the probabilities of attention.
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rng } from "@llm-learning/init";
import { Bigram, type CausalLM, GPT, isCausalLM, Llama } from "@llm-learning/models";
import { namedParameters, type TensorValue } from "@llm-learning/nn-core";
import { causalLMSignature, encodeModel, type OnnxModel, type OnnxValueInfo } from "@llm-learning/onnx";
import { openGenerator, openSession, readOnnxModel } from "@llm-learning/onnx/node";
import { CharacterTokenizer } from "@llm-learning/tokenizers";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { attentionModel, inferenceModel } from "../../src/export/encodeOnnx.ts";
import { exportModel } from "../../src/export/exportModel.ts";
import { quantizations, quantizedForm } from "../../src/export/quantizedForms.ts";

const V = 13;
const C = 32;
const T = 6;
const ids = [3, 1, 4, 1, 5, 9];
const described = { modelType: "test" };

/** A model none of whose values are those of its beginning, which are mostly 0 and 1. */
function spread<M extends CausalLM>(model: M): M {
  const rng = new Rng(2);
  for (const { data } of namedParameters(model).values())
    for (let i = 0; i < data.length; i++) data[i] += 0.4 * rng.uniform() - 0.2;
  return model;
}

const sizes = { vocabSize: V, blockSize: 16, nLayer: 2, nHead: 2, nEmbd: C };
const gpt = spread(new GPT({ ...sizes, init: "torch" }, { rng: new Rng(1) }));
const llama = spread(new Llama({ ...sizes, nKeyValueHead: 1, tieWeights: false, softCap: 5 }, { rng: new Rng(1) }));
const models: [name: string, model: CausalLM][] = [
  ["a GPT", gpt],
  ["a Llama with shared heads and capped scores", llama],
];

const int64 = (values: readonly number[], shape = [1, values.length]): TensorValue => ({
  dtype: "int64",
  shape,
  data: BigInt64Array.from(values, BigInt),
});

/** Runs a decoder over tokens from an empty cache; the scores of the last `keep` tokens are asked for, 0 being all. */
async function run(onnx: OnnxModel, tokens: readonly number[], keep: number): Promise<Record<string, TensorValue>> {
  const session = await openSession(encodeModel(onnx), { threads: 1, strictShapes: true });
  const { nLayer, nKvHead, headDim } = causalLMSignature(onnx);
  const empty: TensorValue = { dtype: "float32", shape: [1, nKvHead, 0, headDim], data: new Float32Array() };
  const takesCount = session.optionalInputNames?.includes("num_logits_to_keep") === true;
  const results = await session.run({
    input_ids: int64(tokens),
    attention_mask: int64(tokens.map(() => 1)),
    position_ids: int64(tokens.map((_, i) => i)),
    ...(takesCount && { num_logits_to_keep: int64([keep], []) }),
    ...Object.fromEntries(
      Array.from({ length: nLayer }, (_, layer) => layer).flatMap((layer) =>
        ["key", "value"].map((part) => [`past_key_values.${layer}.${part}`, empty]),
      ),
    ),
  });
  await session.dispose();
  return results;
}

describe.each(models)("the hidden states of %s", (_, model) => {
  it("are an output of every form that changes no bit of the others", async () => {
    for (const portable of [false, true]) {
      const plain = inferenceModel(model, { ...described, portable });
      const further = inferenceModel(model, { ...described, portable, hiddenStates: true });
      for (const form of [undefined, ...(portable ? [] : quantizations)]) {
        const [before, after] = [plain, further].map((onnx) =>
          form === undefined ? onnx : quantizedForm(onnx, form, { portable }),
        );
        for (const tokens of [ids, ids.slice(0, 1)]) {
          for (const keep of [0, 1]) {
            const { last_hidden_state: hidden, ...others } = await run(after, tokens, keep);
            const name = `${form ?? "fp32"}, ${portable ? "portable, " : ""}${tokens.length} tokens, ${keep} kept`;
            expect(others, name).toEqual(await run(before, tokens, keep));
            // All of them, however many are scored.
            expect(hidden.shape, name).toEqual([1, tokens.length, C]);
          }
        }
      }
    }
  });

  it("are what the output layer makes scores of", async () => {
    const { last_hidden_state: hidden, logits } = await run(
      inferenceModel(model, { ...described, hiddenStates: true }),
      ids,
      0,
    );
    const weight = (model === gpt ? gpt.tokenEmbedding : llama.output!).weight.data;
    const scores = Float32Array.from({ length: T * V }, (_, i) => {
      const [t, v] = [Math.floor(i / V), i % V];
      let sum = 0;
      for (let c = 0; c < C; c++) sum += (hidden.data[t * C + c] as number) * weight[v * C + c];
      return model === gpt ? sum : 5 * Math.tanh(sum / 5);
    });
    expect(logits.data).toBeAllclose(scores, { rtol: 1e-5, atol: 1e-5 });
  });
});

describe.each(models)("the attention of %s", (_, model) => {
  it("is a distribution over the tokens so far, and comes with the scores of the model", async () => {
    const onnx = attentionModel(model, described)!;
    const text = ({ name, dataType, shape }: OnnxValueInfo) => `${name} ${dataType} [${shape?.join(", ")}]`;
    expect([...onnx.graph.inputs, ...onnx.graph.outputs].map(text)).toEqual([
      "input_ids int64 [1, sequence_length]",
      `logits float32 [1, sequence_length, ${V}]`,
      "attentions.0 float32 [1, 2, sequence_length, sequence_length]",
      "attentions.1 float32 [1, 2, sequence_length, sequence_length]",
    ]);
    const session = await openSession(encodeModel(onnx), { threads: 1, strictShapes: true });
    const { logits, ...attentions } = await session.run({ input_ids: int64(ids) });
    await session.dispose();
    const expected = await run(inferenceModel(model, described), ids, 0);
    expect(logits.data).toBeAllclose(expected.logits.data as Float32Array, { rtol: 1e-5, atol: 1e-5 });
    for (const { data, shape } of Object.values(attentions)) {
      expect(shape).toEqual([1, 2, T, T]);
      for (let row = 0; row < 2 * T; row++) {
        const weights = Array.from(data as Float32Array).slice(row * T, (row + 1) * T);
        expect(weights.slice((row % T) + 1).every((weight) => weight === 0)).toBe(true);
        expect(weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 5);
      }
      // The first token hears itself alone; later ones do not hear all alike.
      expect(data[0]).toBe(1);
      expect(new Set((data as Float32Array).subarray((T - 1) * T, T * T)).size).toBe(T);
    }
  });
});

describe("a model directory", () => {
  const tokenizer = CharacterTokenizer.fromText("abcdefghijklm");

  it("has them where they are asked for, and a generator reads it as before", async () => {
    const outDir = await mkdtemp(join(tmpdir(), "further-"));
    try {
      const { files } = await exportModel({
        model: gpt,
        tokenizer,
        outDir,
        quantize: ["q8"],
        embeddings: true,
        attentions: true,
      });
      const sizesOf = new Map(files.map(({ path, bytes }) => [path, bytes]));
      const attentionBytes = sizesOf.get("onnx/model_attentions.onnx")!;
      expect(attentionBytes / sizesOf.get("onnx/model.onnx")!).toBeCloseTo(1, 0);
      for (const file of ["model.onnx", "model_quantized.onnx"]) {
        const { graph } = await readOnnxModel(join(outDir, "onnx", file));
        expect(graph.outputs.at(-1)).toMatchObject({
          name: "last_hidden_state",
          shape: ["batch_size", "sequence_length", C],
        });
      }
      const plain = encodeModel(inferenceModel(gpt, described));
      const written = await Promise.all(
        [await readFile(join(outDir, "onnx/model.onnx")), plain].map(async (file) => {
          const generator = await openGenerator(file, { threads: 1 });
          const tokens = await generator.generate([[1, 2, 3]], { maxTokens: 20, temperature: 0 });
          await generator.dispose();
          return tokens;
        }),
      );
      expect(written[0]).toEqual(written[1]);
    } finally {
      await rm(outDir, { recursive: true });
    }
  });

  it("cannot have them of a model that has none, or without an ONNX model", async () => {
    const bigram = new Bigram({ vocabSize: V, blockSize: 16 }, { rng: new Rng(1) });
    expect(isCausalLM(bigram)).toBe(false);
    const options = { tokenizer, outDir: join(tmpdir(), "further-none") };
    await expect(exportModel({ ...options, model: bigram, embeddings: true })).rejects.toThrow(
      new RangeError("exportModel: expected a GPT or a Llama for embeddings, got another model"),
    );
    await expect(exportModel({ ...options, model: gpt, attentions: true, formats: ["safetensors"] })).rejects.toThrow(
      new RangeError("exportModel: expected the format onnx for attentions, got safetensors"),
    );
  });
});

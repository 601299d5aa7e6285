/**
 * Every kind of model that can be trained, exported: against its own forward pass on the reference engine, and in fewer bits against
 * itself.
 */

import { Rng } from "@llm-learning/init";
import type { LanguageModel } from "@llm-learning/models";
import { compile, referenceEngine, stateDict, type TensorValue, trace } from "@llm-learning/nn-core";
import { causalLMSignature, encodeModel, type OnnxModel } from "@llm-learning/onnx";
import { createOrtSession } from "@llm-learning/onnx/node";
import "@llm-learning/testing/toBeAllclose";
import { resolveConfig, type TrainConfig } from "@llm-learning/trainer";
import { describe, expect, it } from "vitest";
import { lossProgram, quantizedLossProgram } from "../../src/evaluation/lossProgram.ts";
import { inferenceModel } from "../../src/export/encodeOnnx.ts";
import { type Quantization, quantizations, quantizedForm } from "../../src/export/quantizedForms.ts";
import { buildModel } from "../../src/model/buildModel.ts";
import { modelNames } from "../../src/model/modelKinds.ts";

const V = 13;
const B = 2;
const T = 4;

/** What else a kind can be than by default. */
const variants: Record<string, Partial<TrainConfig>[]> = {
  mlp: [{ batchNorm: true }, { batchNorm: false }],
  "deep-mlp": [{ batchNorm: true }, { batchNorm: false }],
  wavenet: [{ batchNorm: true }, { batchNorm: false }],
  conv: [{ batchNorm: true }, { batchNorm: false }],
  llama: [
    { nHead: 2, nKeyValueHead: 1, nEmbd: 32, nLayer: 1 },
    { nHead: 2, nEmbd: 32, nLayer: 1, qkNorm: true, tieWeights: false },
  ],
  gpt: [{ nHead: 2, nEmbd: 32, nLayer: 1 }],
  ladder: ["heads", "layer-norm"].map((rung) => ({ nHead: 2, nEmbd: 32, rung }) as Partial<TrainConfig>),
};

const cases = modelNames.flatMap((model) => (variants[model] ?? [{}]).map((changes) => ({ model, ...changes })));

/** A model none of whose values are what they are at first, running statistics and gains included. */
function trained(changes: Partial<TrainConfig>): LanguageModel {
  const config = resolveConfig({ preset: "makemore-transformer", blockSize: T, ...changes });
  const model = buildModel(config, V, new Rng(1));
  const rng = new Rng(2);
  for (const [name, { data }] of stateDict(model)) {
    const isVariance = name.endsWith("running.variance");
    for (let i = 0; i < data.length; i++)
      data[i] = isVariance ? 0.5 + rng.uniform() : data[i] + 0.2 * rng.uniform() - 0.1;
  }
  return model;
}

/** About twice what was measured for the worst of them: of the scores, and of the loss in nats. */
const bounds: Record<Quantization, { error: number; loss: number }> = {
  fp16: { error: 0.001, loss: 0.0006 },
  q8: { error: 0.04, loss: 0.01 },
  int8: { error: 0.08, loss: 0.02 },
  q4: { error: 0.4, loss: 0.15 },
};

const ids = Int32Array.from({ length: B * T }, (_, i) => (5 * i + 2) % V);

async function scores(model: LanguageModel): Promise<Float32Array> {
  const graph = trace({ ids: { shape: [B, T], dtype: "int32" } }, ({ ids: tokens }) => ({
    logits: model.forward(tokens).logits,
  }));
  const { logits } = await (await compile(referenceEngine(), graph)).run({ ids });
  return logits.data as Float32Array;
}

/** What an exported model scores, from an empty cache where it has one. */
async function exportedScores(onnx: OnnxModel): Promise<Float32Array> {
  const session = await createOrtSession(encodeModel(onnx), { threads: 1, strictShapes: true });
  const int64 = (values: ArrayLike<number>): TensorValue => ({
    dtype: "int64",
    shape: [B, T],
    data: BigInt64Array.from(Array.from(values), BigInt),
  });
  const feeds: Record<string, TensorValue> = { input_ids: int64(ids) };
  if (session.inputNames.includes("attention_mask")) {
    const { nLayer, nKvHead, headDim } = causalLMSignature(onnx);
    feeds["attention_mask"] = int64(ids.map(() => 1));
    feeds["position_ids"] = int64(ids.map((_, i) => i % T));
    const empty: TensorValue = { dtype: "float32", shape: [B, nKvHead, 0, headDim], data: new Float32Array() };
    for (let layer = 0; layer < nLayer; layer++) {
      for (const part of ["key", "value"]) feeds[`past_key_values.${layer}.${part}`] = empty;
    }
  }
  if (session.inputNames.includes("num_logits_to_keep")) {
    feeds["num_logits_to_keep"] = { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(T)) };
  }
  const { logits } = await session.run(feeds);
  await session.dispose();
  return logits.data as Float32Array;
}

function relativeError(actual: Float32Array, expected: Float32Array): number {
  const squares = expected.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(actual.reduce((sum, value, i) => sum + (value - expected[i]) ** 2, 0) / squares);
}

describe.each(cases)("%o", (changes) => {
  it("scores as it does itself, exported with the runtime's operators and with standard ones", async () => {
    const model = trained(changes);
    const expected = await scores(model);
    for (const portable of [false, true]) {
      const onnx = inferenceModel(model, { modelType: "test", portable });
      expect(onnx.graph.initializers.filter(({ name }) => name.includes("running"))).toEqual([]);
      if (portable) expect(onnx.opsetImports.map(({ domain }) => domain)).toEqual([""]);
      expect(await exportedScores(onnx)).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-5 });
    }
  });

  it("scores nearly so in fewer bits, which eval measures", async () => {
    const model = trained(changes);
    const onnx = inferenceModel(model, { modelType: "test" });
    const expected = await exportedScores(onnx);
    const sizes = { batchSize: B, blockSize: T, threads: 1 };
    const targets = Int32Array.from({ length: model.predicts === "last" ? B : B * T }, (_, i) => i % V);
    const lossOf = async (program: Awaited<ReturnType<typeof lossProgram>>): Promise<number> => {
      const losses = await program.run({ inputs: ids, targets });
      const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
      await program.dispose();
      return mean;
    };
    const loss = await lossOf(await lossProgram(model, sizes));
    for (const form of quantizations) {
      const error = relativeError(await exportedScores(quantizedForm(onnx, form)), expected);
      const change = (await lossOf(await quantizedLossProgram(model, form, sizes))) - loss;
      expect(error, form).toBeLessThan(bounds[form].error);
      expect(Math.abs(change), form).toBeLessThan(bounds[form].loss);
    }
  });
});

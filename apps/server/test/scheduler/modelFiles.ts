/**
 * Files of a small model over bytes, drawn and exported as `llm-learning export` does, in a directory that is deleted after the tests.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rng } from "@llm-learning/init";
import { Llama, traceCausalLM } from "@llm-learning/models";
import { namedParameters, trainableParameters } from "@llm-learning/nn-core";
import { encodeModel, lowerGraph } from "@llm-learning/onnx";
import { ByteTokenizer } from "@llm-learning/tokenizers";
import { afterAll } from "vitest";

/** What an engine is opened with. */
export interface ModelFiles {
  readonly modelFile: string;
  readonly tokenizerFile: string;
}

export const sizes = { blockSize: 96, nLayer: 2, nHead: 4, nKeyValueHead: 2, nEmbd: 32 };

/** Tokens are bytes and one more, which ends a text. */
export const tokenizer = new ByteTokenizer({ specialTokens: ["<|end|>"] });

export const endId = 256;

/** Writes the files, to be deleted after the tests of the file. */
export async function writeModelFiles(): Promise<ModelFiles> {
  const directory = await mkdtemp(join(tmpdir(), "llm-learning-"));
  afterAll(() => rm(directory, { recursive: true, force: true }));
  const { vocabSize } = tokenizer;
  const model = new Llama({ vocabSize, ...sizes }, { rng: new Rng(3) });
  // Weights of 0.02 would give tokens of nearly equal probability.
  for (const { data } of trainableParameters(model).values()) for (let i = 0; i < data.length; i++) data[i] *= 8;
  const { model: onnx } = lowerGraph(traceCausalLM(model, { hiddenStates: true }), {
    name: "llama",
    parameters: "initializers",
    parameterNames: new Map([...namedParameters(model)].map(([name, parameter]) => [parameter, name])),
    contrib: true,
    inPlaceCache: true,
    lastTokens: { output: "logits", count: "num_logits_to_keep" },
    metadata: { vocab_size: String(vocabSize), block_size: String(sizes.blockSize) },
  });
  const files = { modelFile: join(directory, "model.onnx"), tokenizerFile: join(directory, "tokenizer.json") };
  await writeFile(files.modelFile, encodeModel(onnx));
  await writeFile(files.tokenizerFile, JSON.stringify(tokenizer.toJSON()));
  return files;
}

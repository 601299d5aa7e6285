/**
 * Writes a model directory that takes milliseconds to open: a GPT with drawn weights over bytes, as `llm-learning export` would write it.
 */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Rng } from "@llm-learning/init";
import { GPT, traceCausalLM } from "@llm-learning/models";
import { namedParameters } from "@llm-learning/nn-core";
import { encodeModel, lowerGraph, type OnnxModel, quantizeModel } from "@llm-learning/onnx";
import { ByteTokenizer } from "@llm-learning/tokenizers";
import { onTestFinished } from "vitest";

export interface TinyModelOptions {
  /** @defaultValue 64 */
  readonly blockSize?: number;
  /** The content of `generation_config.json`. @defaultValue the best token each time */
  readonly generation?: object;
  /** Keys of `config.json` besides its own. */
  readonly config?: object;
  /** Keys of `tokenizer_config.json`. */
  readonly tokenizerConfig?: object;
  /** Writes `onnx/model_quantized.onnx` too. */
  readonly q8?: boolean;
}

/** The text that ends a text of the model. */
export const endOfText = "<|endoftext|>";

/** A fresh directory that is deleted after the test. */
export async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "llm-serve-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Writes the model to `path`, by default a fresh directory that is deleted after the test. @returns the directory. */
export async function tinyModel(options: TinyModelOptions = {}, path?: string): Promise<string> {
  const { blockSize = 64, generation, config = {}, tokenizerConfig = {}, q8 = false } = options;
  const directory = path ?? join(await temporaryDirectory(), "tiny");
  const tokenizer = new ByteTokenizer({ specialTokens: [endOfText] });
  const { vocabSize } = tokenizer;
  const model = new GPT({ vocabSize, blockSize, nLayer: 1, nHead: 2, nEmbd: 16 }, { rng: new Rng(5) });
  const end = tokenizer.specialTokens.get(endOfText);
  const onnx = onnxOf(model);
  await writeFiles(directory, {
    "config.json": {
      model_type: "gpt2",
      vocab_size: vocabSize,
      n_positions: blockSize,
      bos_token_id: end,
      eos_token_id: end,
      llm_learning: { step: 1 },
      ...config,
    },
    "generation_config.json": generation ?? { do_sample: false, eos_token_id: end },
    "tokenizer.json": tokenizer.toJSON(),
    "tokenizer_config.json": { bos_token: endOfText, eos_token: endOfText, ...tokenizerConfig },
    "onnx/model.onnx": encodeModel(onnx),
    ...(q8 && { "onnx/model_quantized.onnx": encodeModel(quantizeModel(onnx, { bits: 8, blockSize: 16 })) }),
  });
  return directory;
}

/** Writes files into a directory: bytes and texts as they are, other values as JSON. */
export async function writeFiles(directory: string, files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    const isPlain = typeof content === "string" || content instanceof Uint8Array;
    await writeFile(path, isPlain ? content : JSON.stringify(content));
  }
}

function onnxOf(model: GPT): OnnxModel {
  const { vocabSize, blockSize, nLayer, nHead, nEmbd } = model.config;
  const sizes = { vocab_size: vocabSize, block_size: blockSize, n_layer: nLayer, n_head: nHead, n_embd: nEmbd };
  return lowerGraph(traceCausalLM(model), {
    name: "gpt2",
    parameters: "initializers",
    parameterNames: new Map([...namedParameters(model)].map(([name, parameter]) => [parameter, name])),
    contrib: true,
    inPlaceCache: true,
    lastTokens: { output: "logits", count: "num_logits_to_keep" },
    metadata: Object.fromEntries(Object.entries(sizes).map(([key, size]) => [key, String(size)])),
  }).model;
}

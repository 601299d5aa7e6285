/**
 * Reads a model directory, as `llm-learning export` writes it and transformers.js reads it. Every file in it may come from anywhere and is
 * checked before it is used. What is read is plain data, which can cross threads and processes.
 */

import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { type ChatTemplateSource, chatTemplateSource } from "../chat/chatTemplateSource.ts";
import type { Choice } from "../engine/engine.ts";
import { inFile, UsageError } from "../usageError.ts";
import { checked, parseJson } from "./checkedJson.ts";
import { ForeignTokenizer } from "./foreignTokenizer.ts";
import { generationDefaults } from "./generationDefaults.ts";
import { configSchema, generationSchema, type ModelConfig, tokenizerConfigSchema } from "./modelConfig.ts";
import { ModelFiles } from "./modelFiles.ts";
import { tokenizerOf } from "./tokenizerOf.ts";
import { chooseWeights, type WeightChoice, type Weights } from "./weights.ts";

/** What a model directory says. */
export interface ModelDirectory {
  readonly path: string;
  readonly weights: Weights;
  readonly onnxPath: string;
  /** The ONNX file of the model's attention, where it was exported with one. */
  readonly attentionPath: string | undefined;
  readonly tokenizerPath: string;
  /** The content of `tokenizer.json`, for `tokenizerOf`. */
  readonly tokenizerText: string;
  readonly vocabSize: number;
  /** Longest context in tokens, where `config.json` says it. */
  readonly blockSize: number | undefined;
  /** Whether llm-learning wrote it: then the ONNX file says its sizes itself. */
  readonly isOurs: boolean;
  /** The token that begins every text, where one does. */
  readonly beginId: number | undefined;
  /** The tokens that end a text. */
  readonly stopIds: readonly number[];
  /** Seconds since 1970 at which the ONNX file was written. */
  readonly created: number;
  readonly defaults: Choice;
  readonly chatTemplate: ChatTemplateSource;
}

/** Far above what such files hold, far below what could hurt to parse. */
const MAX_CONFIG_BYTES = 1 << 20;
const MAX_TOKENIZER_BYTES = 1 << 26;

/**
 * Reads a model directory.
 *
 * @param path - The directory.
 * @param weights - Which ONNX file to take. @defaultValue "auto"
 * @throws UsageError in one line where the directory or a file is missing, damaged, or at odds with another.
 */
export async function readModelDirectory(
  path: string,
  { weights = "auto" }: { weights?: WeightChoice } = {},
): Promise<ModelDirectory> {
  const files = await ModelFiles.in(path);
  const read = async <T extends Parameters<typeof checked>[0]>(name: string, schema: T, absent?: string) => {
    const text =
      absent === undefined
        ? await files.requiredText(name, MAX_CONFIG_BYTES)
        : ((await files.text(name, MAX_CONFIG_BYTES)) ?? absent);
    return inFile(join(path, name), () => checked(schema, parseJson(text)));
  };
  const config = await read("config.json", configSchema);
  const generation = await read("generation_config.json", generationSchema, "{}");
  const tokenizerConfig = await read("tokenizer_config.json", tokenizerConfigSchema, "{}");
  const tokenizerPath = join(path, "tokenizer.json");
  const tokenizerText = await files.requiredText("tokenizer.json", MAX_TOKENIZER_BYTES);
  const vocabSize = config.vocab_size;
  const tokenizer = inFile(tokenizerPath, () => matchingTokenizer(tokenizerText, config));
  const stopIds = inFile(join(path, "config.json"), () => textEnds(config, generation));
  const { weights: chosen, onnxPath } = await chooseWeights(files, weights);
  const chatTemplate = await chatTemplateSource(files, tokenizerConfig);
  return {
    path,
    weights: chosen,
    onnxPath,
    attentionPath: await files.find("onnx/model_attentions.onnx"),
    tokenizerPath,
    tokenizerText,
    vocabSize,
    blockSize: config.max_position_embeddings ?? config.n_positions,
    isOurs: config.llm_learning !== undefined,
    beginId: beginOf(config, tokenizer),
    stopIds,
    created: Math.floor((await stat(onnxPath)).mtimeMs / 1000),
    defaults: generationDefaults(generation),
    chatTemplate,
  };
}

/** The name that a model is called by where the operator gives none: the directory's, or for the `model` of a run the run's. */
export function modelName(path: string): string {
  const absolute = resolve(path);
  return basename(basename(absolute) === "model" ? dirname(absolute) : absolute) || "model";
}

/** The places that others pad a vocabulary with are at most this many, and 2 % of it. */
const MAX_PADDING = 1024;

function matchingTokenizer(
  tokenizerText: string,
  { vocab_size: vocabSize, llm_learning: ours }: ModelConfig,
): Tokenizer {
  const tokenizer = tokenizerOf({ tokenizerText, vocabSize });
  const tokens = tokenizer instanceof ForeignTokenizer ? tokenizer.tokens : tokenizer.vocabSize;
  const most = ours === undefined ? MAX_PADDING + Math.ceil(vocabSize / 50) : 0;
  if (vocabSize - tokens <= most) return tokenizer;
  throw new UsageError(`expected a tokenizer of the ${vocabSize} tokens of config.json, got one of ${tokens}`);
}

/** The tokens that end a text, the first as `config.json` has it; `generation_config.json` of chat models names more. */
function textEnds(config: ModelConfig, generation: { readonly eos_token_id?: unknown }): number[] {
  const all = [generation.eos_token_id ?? [], config.eos_token_id ?? []].flat() as number[];
  const beyond = all.find((id) => id >= config.vocab_size);
  if (beyond !== undefined) throw new UsageError(`expected eos_token_id below ${config.vocab_size}, got ${beyond}`);
  return [...new Set(all)];
}

/**
 * The token that begins every text: of a model of lines the one that ends them, of one that came from elsewhere the one that its
 * tokenizer's file puts there, as transformers and llama.cpp do. Other models that were trained here have none.
 */
function beginOf(config: ModelConfig, tokenizer: Tokenizer): number | undefined {
  const { llm_learning: ours, bos_token_id: bos, eos_token_id: eos } = config;

  if (ours?.lines === true) return [eos ?? []].flat().at(0);
  if (!(tokenizer instanceof ForeignTokenizer) || bos === null || bos === undefined) return undefined;
  return tokenizer.beginId === bos ? bos : undefined;
}

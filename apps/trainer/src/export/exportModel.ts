/**
 * Writes a trained model as a model directory: the layout that transformers, transformers.js and optimum read.
 *
 *     config.json  generation_config.json  tokenizer.json  tokenizer_config.json  chat_template.jinja  genai_config.json  README.md
 *     onnx/model.onnx      the inference graph, of GPT and Llama with its KV cache
 *     onnx/model_q4.onnx   and others: the same in fewer bits, where they are asked for
 *     onnx/model_attentions.onnx  the graph of its attention's probabilities, weights included, where it is asked for
 *     onnx/model.onnx_data the weights of a model that a file of ONNX cannot hold
 *     model.safetensors    the weights, of GPT and Llama under Hugging Face's names
 *     model.gguf           the weights and the tokenizer for llama.cpp, where they are asked for; model-q4_0.gguf and others in fewer bits
 */

import { basename } from "node:path";
import type { FileContent } from "@llm-learning/datasets/node";
import { isCausalLM, type LanguageModel } from "@llm-learning/models";
import { safetensorsPieces } from "@llm-learning/nn-core";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { clientFiles } from "./clientFiles.ts";
import { attentionModel, inferenceModel } from "./encodeOnnx.ts";
import { ggufFiles } from "./gguf/ggufFiles.ts";
import { directoryOf, expectReplaceable, modelLayout } from "./modelDirectory.ts";
import { modelForm } from "./modelForm.ts";
import { DEFAULT_EXTERNAL_DATA_ABOVE, externalDataConfig, onnxFiles } from "./onnxFiles.ts";
import { type Quantization, quantizedForm, quantizedPath } from "./quantizedForms.ts";
import { replaceDirectory } from "./replaceDirectory.ts";
import { conventionsOf, type TextConventions, tokenIdKeys } from "./textConventions.ts";
import type { TrainingRecord } from "./trainingRecord.ts";

/** A form of the weights. */
export type ExportFormat = "onnx" | "safetensors" | "gguf";

export const exportFormats: readonly ExportFormat[] = ["onnx", "safetensors", "gguf"];

/** What is written unless told otherwise. */
export const defaultFormats: readonly ExportFormat[] = ["onnx", "safetensors"];

/** Where a model comes from; kept in `config.json` under `llm_learning`. */
export interface ExportOrigin {
  /** Optimizer steps behind the weights. */
  readonly step?: number;
  /** Validation loss at that step, in nats per token. */
  readonly validation_loss?: number;
  /** The model is of lines: each is a text of its own, which the token of the line end begins and ends. */
  readonly lines?: true;
}

export interface ExportModelOptions {
  readonly model: LanguageModel;
  /** What the model is called, where no other program has a form for it: `model_type` is `llm-learning-KIND`. @defaultValue "model" */
  readonly kind?: string | undefined;
  /** It was trained on lines. @defaultValue false */
  readonly lines?: boolean | undefined;
  readonly tokenizer: Tokenizer;
  /** What is agreed about its texts. @defaultValue what the tokenizer says */
  readonly conventions?: TextConventions | undefined;
  /** How it was trained, for the card. @defaultValue none */
  readonly record?: TrainingRecord | undefined;
  /** The directory: absent, empty, or an earlier export, which is replaced. */
  readonly outDir: string;
  /** @defaultValue onnx and safetensors */
  readonly formats?: readonly ExportFormat[];
  /** Forms in fewer bits, beside `onnx/model.onnx` and `model.gguf`. @defaultValue none */
  readonly quantize?: readonly Quantization[];
  /** Bytes of weights above which an ONNX model has them in files beside it. @defaultValue 2e9 */
  readonly externalDataAbove?: number;
  /** ONNX models of standard operators alone, for runtimes other than ONNX Runtime; slower there. @defaultValue false */
  readonly portable?: boolean | undefined;
  /** Every ONNX model also gives the last hidden state of each token, of which embeddings are made. @defaultValue false */
  readonly embeddings?: boolean | undefined;
  /** Also a model that gives the probabilities of attention, as large as the ONNX model. @defaultValue false */
  readonly attentions?: boolean | undefined;
  /** Optimizer steps behind the weights. */
  readonly step?: number | undefined;
  /** Validation loss at that step, in nats per token. */
  readonly validationLoss?: number | undefined;
  /** Gives up, and leaves what stands at `outDir`. */
  readonly signal?: AbortSignal | undefined;
}

export interface ExportedModel {
  /** Absolute path of the directory. */
  readonly outDir: string;
  /** Paths within the directory, and sizes. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** What a form cannot express, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Writes the model directory, as one step.
 *
 * @throws RangeError if the tokenizer has another vocabulary than the model, `formats` is empty or lacks what `quantize` needs, llama.cpp
 * has no architecture or tokenizer for what is to be written as GGUF, the model has no hidden states or attention to write, or something else stands at `outDir`; Error of the system if it cannot be written.
 */
export async function exportModel(options: ExportModelOptions): Promise<ExportedModel> {
  const { model, tokenizer, kind = "model", lines = false, formats = defaultFormats, step, validationLoss } = options;
  const { quantize = [], portable = false, embeddings = false, attentions = false } = options;
  const { externalDataAbove = DEFAULT_EXTERNAL_DATA_ABOVE } = options;
  const outDir = directoryOf(options.outDir);
  const { vocabSize } = model.config;
  if (tokenizer.vocabSize !== vocabSize) {
    throw new RangeError(
      `exportModel: expected a tokenizer of the model's ${vocabSize} tokens, got one of ${tokenizer.vocabSize}`,
    );
  }
  if (formats.length === 0) throw new RangeError("exportModel: expected at least one format, got none");
  if (quantize.length > 0 && !formats.includes("onnx") && !formats.includes("gguf")) {
    throw new RangeError(`exportModel: expected the format onnx or gguf to quantize, got ${formats.join(", ")}`);
  }
  if (portable && !formats.includes("onnx")) {
    throw new RangeError(`exportModel: expected the format onnx to be portable, got ${formats.join(", ")}`);
  }
  expectDecoder(model, { embeddings, attentions, formats });
  await expectReplaceable(outDir, modelLayout);

  const origin: ExportOrigin = {
    ...(step !== undefined && { step }),
    ...(validationLoss !== undefined && { validation_loss: validationLoss }),
    ...(lines && { lines }),
  };
  const conventions = conventionsOf({ model, tokenizer, lines, given: options.conventions });
  const [endOfText = null] = conventions.eosTokenIds;
  const { modelType, config, tensors, warning } = modelForm(model, kind);
  const metadata = Object.fromEntries(Object.entries(origin).map(([key, value]) => [key, String(value)]));
  const { chatTemplate } = options.conventions ?? {};
  const gguf = formats.includes("gguf")
    ? ggufFiles({ model, kind, tokenizer, origin, endOfText: endOfText ?? undefined, chatTemplate, quantize })
    : undefined;
  const warnings: string[] = [...(gguf?.warnings ?? [])];
  /** One after the other, so that no two forms of the weights are in memory. */
  function* files(): Generator<[path: string, content: FileContent]> {
    const onnx = formats.includes("onnx")
      ? inferenceModel(model, { modelType, metadata, portable, hiddenStates: embeddings })
      : undefined;
    yield* clientFiles({ ...options, modelType, conventions, origin, formats, quantize, onnx });
    const dataFiles: Record<string, number> = {};
    if (onnx !== undefined) {
      for (const form of [undefined, ...quantize]) {
        const path = form === undefined ? "onnx/model.onnx" : quantizedPath(form);
        const count = yield* onnxFiles(
          path,
          form === undefined ? onnx : quantizedForm(onnx, form, { portable }),
          externalDataAbove,
        );
        if (count > 0) dataFiles[basename(path)] = count;
      }
    }
    const attention = attentions ? attentionModel(model, { modelType, metadata, portable }) : undefined;
    if (attention !== undefined) yield* onnxFiles("onnx/model_attentions.onnx", attention, externalDataAbove);
    if (formats.includes("safetensors")) {
      const about = { format: "pt", ...metadata, ...(warning !== undefined && { warning }) };
      yield ["model.safetensors", safetensorsPieces(tensors(), about)];
      if (warning !== undefined) warnings.push(warning);
    }
    if (gguf !== undefined) yield* gguf.files;
    const ids = tokenIdKeys(conventions);
    yield ["config.json", json({ ...config({ endOfText, origin }), ...ids, ...externalDataConfig(dataFiles) })];
  }
  const sizes = await replaceDirectory(outDir, files(), options);
  const paths = new Set(["config.json", ...sizes.keys()]);
  return { outDir, files: [...paths].map((path) => ({ path, bytes: sizes.get(path)! })), warnings };
}

/** Hidden states and attention are what GPT and Llama have, and ONNX models give. */
function expectDecoder(
  model: LanguageModel,
  { embeddings, attentions, formats }: { embeddings: boolean; attentions: boolean; formats: readonly ExportFormat[] },
): void {
  if (!embeddings && !attentions) return;
  const what = embeddings ? "embeddings" : "attentions";
  if (!isCausalLM(model)) throw new RangeError(`exportModel: expected a GPT or a Llama for ${what}, got another model`);
  if (!formats.includes("onnx")) {
    throw new RangeError(`exportModel: expected the format onnx for ${what}, got ${formats.join(", ")}`);
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

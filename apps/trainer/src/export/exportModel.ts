/**
 * Writes a trained model as a model directory: the layout that transformers, transformers.js and optimum read.
 *
 *     config.json  generation_config.json  tokenizer.json  tokenizer_config.json
 *     onnx/model.onnx      the inference graph, of GPT and Llama with its KV cache
 *     onnx/model_q4.onnx   and others: the same in fewer bits, where they are asked for
 *     model.safetensors    the weights, of GPT and Llama under Hugging Face's names
 */

import { resolve } from "node:path";
import type { LanguageModel } from "@llm-learning/models";
import { encodeSafetensors } from "@llm-learning/nn-core";
import { encodeModel } from "@llm-learning/onnx";
import { tokenizerConfig, type Tokenizer } from "@llm-learning/tokenizers";
import { inferenceModel } from "./encodeOnnx.ts";
import { endOfTextId, generationConfig } from "./gpt2Config.ts";
import { expectReplaceable } from "./modelDirectory.ts";
import { modelForm } from "./modelForm.ts";
import { type Quantization, quantizedForm, quantizedPath } from "./quantizedForms.ts";
import { replaceDirectory } from "./replaceDirectory.ts";

/** A form of the weights. */
export type ExportFormat = "onnx" | "safetensors";

export const exportFormats: readonly ExportFormat[] = ["onnx", "safetensors"];

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
  /** The directory: absent, empty, or an earlier export, which is replaced. */
  readonly outDir: string;
  /** @defaultValue both */
  readonly formats?: readonly ExportFormat[];
  /** Forms of the ONNX model in fewer bits, beside `onnx/model.onnx`. @defaultValue none */
  readonly quantize?: readonly Quantization[];
  /** Optimizer steps behind the weights. */
  readonly step?: number | undefined;
  /** Validation loss at that step, in nats per token. */
  readonly validationLoss?: number | undefined;
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
 * @throws RangeError if the tokenizer has another vocabulary than the model, `formats` is empty or lacks what `quantize` needs,
 * or something else stands at `outDir`; Error of the system if it cannot be written.
 */
export async function exportModel(options: ExportModelOptions): Promise<ExportedModel> {
  const { model, tokenizer, kind = "model", lines = false, formats = exportFormats, step, validationLoss } = options;
  const { quantize = [] } = options;
  const outDir = directoryOf(options.outDir);
  const { vocabSize, blockSize } = model.config;
  if (tokenizer.vocabSize !== vocabSize) {
    throw new RangeError(
      `exportModel: expected a tokenizer of the model's ${vocabSize} tokens, got one of ${tokenizer.vocabSize}`,
    );
  }
  if (formats.length === 0) throw new RangeError("exportModel: expected at least one format, got none");
  if (quantize.length > 0 && !formats.includes("onnx")) {
    throw new RangeError(`exportModel: expected the format onnx to quantize, got ${formats.join(", ")}`);
  }
  await expectReplaceable(outDir);

  const origin: ExportOrigin = {
    ...(step !== undefined && { step }),
    ...(validationLoss !== undefined && { validation_loss: validationLoss }),
    ...(lines && { lines }),
  };
  const endOfText = endOfTextId(tokenizer, { lines });
  const { modelType, config, tensors, warning } = modelForm(model, kind);
  const metadata = Object.fromEntries(Object.entries(origin).map(([key, value]) => [key, String(value)]));
  const files = new Map<string, Uint8Array | string>([
    ["config.json", json(config({ endOfText, origin }))],
    ["generation_config.json", json(generationConfig(endOfText))],
    ["tokenizer.json", json(tokenizer.toJSON())],
    ["tokenizer_config.json", json(tokenizerConfig(tokenizer, { modelMaxLength: blockSize }))],
  ]);
  const warnings: string[] = [];
  if (formats.includes("onnx")) {
    const onnx = inferenceModel(model, { modelType, metadata });
    files.set("onnx/model.onnx", encodeModel(onnx));
    for (const form of quantize) files.set(quantizedPath(form), encodeModel(quantizedForm(onnx, form)));
  }
  if (formats.includes("safetensors")) {
    const about = { format: "pt", ...metadata, ...(warning !== undefined && { warning }) };
    files.set("model.safetensors", encodeSafetensors(tensors(), about));
    if (warning !== undefined) warnings.push(warning);
  }
  await replaceDirectory(outDir, files);
  const sizes = [...files].map(([path, content]) => ({ path, bytes: Buffer.byteLength(content) }));
  return { outDir, files: sizes, warnings };
}

/** The absolute path, so that what is checked is what is replaced, wherever the process goes meanwhile. */
function directoryOf(path: string): string {
  const absolute = resolve(path);
  // Replaced means another directory of the same name: whoever stands in the old one would be left in a deleted one.
  if (path === "" || absolute === process.cwd()) {
    const got = path === "" ? "an empty path" : `${JSON.stringify(path)}, the current directory`;
    throw new RangeError(`exportModel: expected the path of a directory of its own, got ${got}`);
  }
  return absolute;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

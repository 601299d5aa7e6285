/**
 * The GGUF files of a model directory, which llama.cpp and what is built on it read: `model.gguf` with the weights as they are, and the
 * forms in fewer bits beside it, under the names that its users know.
 *
 *     fp16  model-f16.gguf    every matrix in half precision
 *     q8    model-q8_0.gguf   matrices in blocks of 32 weights of 8 bits
 *     q4    model-q4_0.gguf   linear layers in blocks of 32 weights of 4 bits, tables of tokens in 8
 *
 * A matrix whose rows are not whole blocks is in half precision. Norms, biases and positions are float32 throughout.
 */

import type { FileContent } from "@llm-learning/datasets/node";
import type { LanguageModel } from "@llm-learning/models";
import type { Tokenizer } from "@llm-learning/tokenizers";
import type { ExportOrigin } from "../exportModel.ts";
import type { Quantization } from "../quantizedForms.ts";
import { ggufPieces, type GgufTensorSource } from "./encodeGguf.ts";
import { ggufByteLength, type GgufTensorType, type GgufValue } from "./gguf.ts";
import { ggufModel, type GgufWeight } from "./ggufModel.ts";
import { ggufTensor } from "./ggufTensor.ts";
import { ggufTokenizer } from "./ggufTokenizer.ts";

export interface GgufFilesOptions {
  readonly model: LanguageModel;
  /** What the model is called in errors. */
  readonly kind: string;
  readonly tokenizer: Tokenizer;
  readonly origin: ExportOrigin;
  /** The token that ends a text. @defaultValue what the tokenizer has for it */
  readonly endOfText?: number | undefined;
  /** The template of conversations that the model came with. @defaultValue none */
  readonly chatTemplate?: string | undefined;
  /** Forms beside the weights as they are. */
  readonly quantize: readonly Quantization[];
}

export interface GgufFiles {
  /** The files by path within the directory; they are made one after the other, as they are written. */
  readonly files: Iterable<[path: string, content: FileContent]>;
  /** What they cannot express, a sentence each. */
  readonly warnings: readonly string[];
}

interface GgufFileForm {
  readonly path: string;
  /** `general.file_type`: the number that llama.cpp gives to most of the weights being of a type. */
  readonly fileType: number;
  readonly linear: GgufTensorType;
  readonly table: GgufTensorType;
}

const plainForm: GgufFileForm = { path: "model.gguf", fileType: 0, linear: "F32", table: "F32" };

/** Only of forms of the weights: llama.cpp rounds the inputs of a layer by itself. */
const quantizedForms: Readonly<Record<Exclude<Quantization, "int8">, GgufFileForm>> = {
  fp16: { path: "model-f16.gguf", fileType: 1, linear: "F16", table: "F16" },
  q8: { path: "model-q8_0.gguf", fileType: 7, linear: "Q8_0", table: "Q8_0" },
  q4: { path: "model-q4_0.gguf", fileType: 2, linear: "Q4_0", table: "Q8_0" },
};

/**
 * The files of a model.
 *
 * @throws RangeError where llama.cpp has no architecture or no tokenizer that computes the same.
 */
export function ggufFiles(options: GgufFilesOptions): GgufFiles {
  const { model, kind, tokenizer, origin, endOfText, chatTemplate, quantize } = options;
  const { architecture, sizes, weights } = ggufModel(model, kind);
  const { metadata: vocabulary, warnings: ofTokenizer } = ggufTokenizer(tokenizer, {
    lines: origin.lines ?? false,
    endOfText,
  });
  const forms = quantize.filter((form) => form !== "int8").map((form) => quantizedForms[form]);
  const missing =
    forms.length < quantize.length ? ["there is no GGUF file of int8, a form of the ONNX model alone"] : [];
  const files = [plainForm, ...forms].map((form): [string, Iterable<Uint8Array>] => {
    const metadata = new Map<string, GgufValue>([
      ["general.architecture", { type: "string", value: architecture }],
      ["general.type", { type: "string", value: "model" }],
      ["general.name", { type: "string", value: `llm-learning ${architecture}` }],
      ["general.size_label", { type: "string", value: sizeLabel(weights) }],
      ["general.file_type", { type: "uint32", value: form.fileType }],
      ["general.quantization_version", { type: "uint32", value: 2 }],
      ...originEntries(origin),
      ...[...sizes].map(([key, value]) => [`${architecture}.${key}`, value] as const),
      ...vocabulary,
      ...(chatTemplate === undefined
        ? []
        : [["tokenizer.chat_template", { type: "string", value: chatTemplate }] as const]),
    ]);
    const tensors = new Map(weights.map((weight) => [weight.name, tensorSource(weight, form)]));
    return [form.path, ggufPieces({ metadata, tensors })];
  });
  return { files, warnings: [...ofTokenizer, ...missing] };
}

function tensorSource(weight: GgufWeight, form: GgufFileForm): GgufTensorSource {
  const { shape } = weight;
  const type = typeOf(weight, form);
  return { type, shape, data: () => ggufTensor(weight.values(), shape, type).data };
}

function typeOf({ role, shape }: GgufWeight, form: GgufFileForm): GgufTensorType {
  if (role === "exact") return "F32";
  return ggufByteLength(form[role], shape) === undefined ? "F16" : form[role];
}

/** Where the weights come from, under keys of our own, which other readers pass over. */
function originEntries({ step, validation_loss: loss }: ExportOrigin): [string, GgufValue][] {
  return [
    ...(step === undefined ? [] : [["llm_learning.step", { type: "uint32", value: step }] as [string, GgufValue]]),
    ...(loss === undefined
      ? []
      : [["llm_learning.validation_loss", { type: "float32", value: loss }] as [string, GgufValue]]),
  ];
}

/** The number of weights as llama.cpp's converter writes it: "97M", "0.8M" and "8K". */
function sizeLabel(weights: readonly GgufWeight[]): string {
  const count = weights.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size), 0);
  const [scale, suffix] = count >= 1e9 ? [1e9, "B"] : count >= 1e5 ? [1e6, "M"] : [1e3, "K"];
  const scaled = count / scale;
  return `${scaled >= 10 ? Math.round(scaled) : scaled.toFixed(1)}${suffix}`;
}

/**
 * The forms of the ONNX model in fewer bits, under the names that transformers.js gives them (`dtype`):
 *
 *     fp16  model_fp16.onnx       every matrix in half precision
 *     q8    model_quantized.onnx  linear layers in blocks of 32 weights of 8 bits
 *     int8  model_int8.onnx       linear layers in integers, their inputs too
 *     q4    model_q4.onnx         linear layers in blocks of 32 weights of 4 bits
 *
 * In q8 and q4 layers that take the same value are one product, and embeddings that serve as the output layer too are in those
 * blocks once, unless the model is portable. Other matrices of no linear layer are in half precision in all forms. Inputs and outputs
 * are float32 throughout. In int8 the inputs of a layer are rounded by one scale for all of them, so that the rows of a batch change
 * each other's results: elsewhere `model_quantized.onnx` is often of this kind, here a text is the same alone and in a batch.
 */

import { halfPrecision, joinProducts, type OnnxModel, quantizeDynamically, quantizeModel } from "@llm-learning/onnx";

/** Every form, the largest first. */
export const quantizations = ["fp16", "q8", "int8", "q4"] as const;

/** A form of the ONNX model in fewer bits. */
export type Quantization = (typeof quantizations)[number];

const suffixes: Readonly<Record<Quantization, string>> = { fp16: "fp16", q8: "quantized", int8: "int8", q4: "q4" };

/** The path of a form within a model directory. */
export function quantizedPath(form: Quantization): string {
  return `onnx/model_${suffixes[form]}.onnx`;
}

/** The model in a form; the given one stays as it is. With `portable`, one of standard operators keeps to them. */
export function quantizedForm(
  model: OnnxModel,
  form: Quantization,
  { portable = false }: { portable?: boolean } = {},
): OnnxModel {
  if (form === "fp16") return halfPrecision(model);
  if (form === "int8") return halfPrecision(quantizeDynamically(model));
  const bits = form === "q8" ? 8 : 4;
  const embeddings = portable ? false : "tied";
  return halfPrecision(quantizeModel(joinProducts(model), { bits, blockSize: 32, portable, embeddings }));
}

/**
 * The forms of a list such as "q8,q4", each once, in the order of {@link quantizations}.
 *
 * @throws RangeError where one is none of them.
 */
export function parseQuantizations(list: string): Quantization[] {
  const names = list.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !quantizations.some((form) => form === name));
  if (unknown !== undefined) {
    throw new RangeError(`expected --quantize of ${quantizations.join(", ")}, got ${JSON.stringify(unknown)}`);
  }
  return quantizations.filter((form) => names.includes(form));
}

/**
 * `config.pbtxt`: what Triton Inference Server needs to know of a model, in protobuf's text format.
 *
 * Inputs and outputs are those of the ONNX file. Where all of them begin with the batch, as those of every language model here do, the batch
 * is left to Triton: requests may have several rows, and requests whose other sizes agree (equal lengths, equal caches) run together.
 *
 * @see https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto
 */

import type { OnnxModel, OnnxValueInfo } from "@llm-learning/onnx";

export interface TritonConfigOptions {
  /** Name of the model: that of its directory. */
  readonly name: string;
  /** Strings for clients, which read them with the model's configuration. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Most rows of a batch. Decoding grows faster up to about as many; the caches of more are a matter of memory. */
const MAX_BATCH_SIZE = 32;

/** Triton's names of the element types that models here have outside. */
const dataTypes: Readonly<Record<string, string>> = {
  int32: "TYPE_INT32",
  int64: "TYPE_INT64",
  float32: "TYPE_FP32",
};

/** The text of `config.pbtxt`. */
export function tritonConfig({ graph }: OnnxModel, { name, parameters }: TritonConfigOptions): string {
  // An input with a value in the file need not be fed, and Triton does not feed it: in batches it has no optional inputs.
  const initialized = new Set(graph.initializers.map((tensor) => tensor.name));
  const inputs = graph.inputs.filter((input) => !initialized.has(input.name));
  const isBatched = [...inputs, ...graph.outputs].every(({ shape }) => shape?.[0] === "batch_size");
  const first = isBatched ? 1 : 0;
  return [
    `name: ${quoted(name)}`,
    `platform: "onnxruntime_onnx"`,
    `max_batch_size: ${isBatched ? MAX_BATCH_SIZE : 0}`,
    ...inputs.map((input) => valueText("input", input, first)),
    ...graph.outputs.map((output) => valueText("output", output, first)),
    ...(isBatched ? ["dynamic_batching { }"] : []),
    // As the model was made and measured; on a GPU: KIND_GPU.
    `instance_group { count: 1 kind: KIND_CPU }`,
    ...Object.entries(parameters).map(
      ([key, value]) => `parameters { key: ${quoted(key)} value { string_value: ${quoted(value)} } }`,
    ),
    "",
  ].join("\n");
}

function valueText(field: "input" | "output", { name, dataType, shape }: OnnxValueInfo, first: number): string {
  if (dataType === undefined || shape === undefined || !Object.hasOwn(dataTypes, dataType)) {
    throw new RangeError(
      `tritonConfig: expected ${field} ${quoted(name)} of ${Object.keys(dataTypes).join(", ")} and a known rank, got ${dataType}`,
    );
  }
  const dims = shape.slice(first).map((dim) => (typeof dim === "number" ? dim : -1));
  return `${field} { name: ${quoted(name)} data_type: ${dataTypes[dataType]} dims: [${dims.join(", ")}] }`;
}

/** A string of the text format: what JSON escapes it escapes alike, but for characters that it has by their bytes. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

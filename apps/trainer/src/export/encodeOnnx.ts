/**
 * A language model as the bytes of an ONNX file: the trace of its own `forward`, weights included. GPT has a KV cache there, the
 * others read their window anew for each token.
 *
 * Standard operators only, so that every runtime of opset 21 reads it; ONNX Runtime fuses what it has faster kernels for when
 * it loads the file.
 */

import { GPT, type LanguageModel, traceCausalLM, traceNextToken } from "@llm-learning/models";
import { type Graph, namedParameters } from "@llm-learning/nn-core";
import { encodeModel, lowerGraph } from "@llm-learning/onnx";

/**
 * The bytes of `onnx/model.onnx`.
 *
 * @param modelType - As `model_type` of `config.json`.
 * @param metadata - Strings to keep in the file beside the model's sizes.
 */
export function encodeOnnx(
  model: LanguageModel,
  { modelType, metadata = {} }: { modelType: string; metadata?: Readonly<Record<string, string>> },
): Uint8Array {
  const { vocabSize, blockSize } = model.config;
  const names = new Map([...namedParameters(model)].map(([name, parameter]) => [parameter, name]));
  const { graph, sizes } = traced(model);
  const lowered = lowerGraph(graph, {
    name: modelType,
    parameters: "initializers",
    parameterNames: names,
    contrib: false,
    metadata: {
      model_type: modelType,
      vocab_size: String(vocabSize),
      block_size: String(blockSize),
      ...sizes,
      ...metadata,
    },
  });
  return encodeModel(lowered.model);
}

function traced(model: LanguageModel): { graph: Graph; sizes: Readonly<Record<string, string>> } {
  if (!(model instanceof GPT)) return { graph: traceNextToken(model), sizes: { predicts: model.predicts } };
  const { nLayer, nHead, nEmbd } = model.config;
  return {
    graph: traceCausalLM(model),
    sizes: { n_layer: String(nLayer), n_head: String(nHead), n_embd: String(nEmbd) },
  };
}

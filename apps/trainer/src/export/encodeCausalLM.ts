/**
 * A GPT as the bytes of an ONNX file: the trace of its own `forward` with a KV cache, weights included.
 *
 * Standard operators only, so that every runtime of opset 21 reads it; ONNX Runtime fuses what it has faster kernels for when
 * it loads the file.
 */

import { type GPT, traceCausalLM } from "@llm-learning/models";
import { namedParameters } from "@llm-learning/nn-core";
import { encodeModel, lowerGraph } from "@llm-learning/onnx";

/**
 * The bytes of `onnx/model.onnx`.
 *
 * @param metadata - Strings to keep in the file beside the model's sizes.
 */
export function encodeCausalLM(model: GPT, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const { vocabSize, blockSize, nLayer, nHead, nEmbd } = model.config;
  const names = new Map([...namedParameters(model)].map(([name, parameter]) => [parameter, name]));
  const lowered = lowerGraph(traceCausalLM(model), {
    name: "gpt2",
    parameters: "initializers",
    parameterNames: names,
    contrib: false,
    metadata: {
      model_type: "gpt2",
      vocab_size: String(vocabSize),
      block_size: String(blockSize),
      n_layer: String(nLayer),
      n_head: String(nHead),
      n_embd: String(nEmbd),
      ...metadata,
    },
  });
  return encodeModel(lowered.model);
}

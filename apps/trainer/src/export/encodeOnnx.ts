/**
 * A language model as the bytes of an ONNX file: the trace of its own `forward`, weights included. Decoders have a KV cache there, the
 * others read their window anew for each token. A BatchNorm is folded into the layer before it, where the model knows how.
 *
 * Decoders use ONNX Runtime's own operators, among them GroupQueryAttention, which can keep the cache in place. A portable file has
 * standard operators only, so that every runtime of opset 21 reads it; models without a cache are portable in any case.
 *
 * What a decoder's tokens have become behind its last block can be a further output, `last_hidden_state`, of which embeddings of texts
 * are made; and a second file, without a cache, gives the probabilities of its attention. Readers take the outputs that they know.
 */

import { isCausalLM, type LanguageModel, traceAttentions, traceCausalLM, traceNextToken } from "@llm-learning/models";
import { type Graph, namedParameters } from "@llm-learning/nn-core";
import { encodeModel, lowerGraph, type OnnxModel } from "@llm-learning/onnx";

/** What the file says about itself. */
export interface OnnxDescription {
  /** As `model_type` of `config.json`. */
  readonly modelType: string;
  /** Strings to keep in the file beside the model's sizes. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Keeps to the default domain of ONNX. @defaultValue false */
  readonly portable?: boolean | undefined;
  /** A decoder's file has the output `last_hidden_state`. @defaultValue false */
  readonly hiddenStates?: boolean | undefined;
}

/** The bytes of `onnx/model.onnx`. */
export function encodeOnnx(model: LanguageModel, description: OnnxDescription): Uint8Array {
  return encodeModel(inferenceModel(model, description));
}

/** The content of `onnx/model.onnx`; weights are views of the model's own, where it has no BatchNorm to fold. */
export function inferenceModel(model: LanguageModel, description: OnnxDescription): OnnxModel {
  const { modelType, metadata = {}, portable = false, hiddenStates = false } = description;
  const contrib = !portable && isCausalLM(model);
  const { vocabSize, blockSize } = model.config;
  const written = folded(model);
  const names = new Map([...namedParameters(written)].map(([name, parameter]) => [parameter, name]));
  const { graph, sizes } = traced(written, hiddenStates);
  return lowerGraph(graph, {
    name: modelType,
    parameters: "initializers",
    parameterNames: names,
    contrib,
    inPlaceCache: contrib,
    // With a value in the file: most programs do not know it, and none has to.
    ...(isCausalLM(model) && { lastTokens: { output: "logits", count: "num_logits_to_keep" } }),
    metadata: {
      model_type: modelType,
      vocab_size: String(vocabSize),
      block_size: String(blockSize),
      ...sizes,
      ...metadata,
    },
  }).model;
}

/** The content of `onnx/model_attentions.onnx`, where the model keeps a cache; undefined for others. */
export function attentionModel(
  model: LanguageModel,
  { modelType, metadata = {}, portable = false }: OnnxDescription,
): OnnxModel | undefined {
  if (!isCausalLM(model)) return undefined;
  return lowerGraph(traceAttentions(model), {
    name: modelType,
    parameters: "initializers",
    parameterNames: new Map([...namedParameters(model)].map(([name, parameter]) => [parameter, name])),
    contrib: !portable,
    metadata: {
      model_type: modelType,
      vocab_size: String(model.config.vocabSize),
      block_size: String(model.config.blockSize),
      n_layer: String(model.config.nLayer),
      n_head: String(model.config.nHead),
      ...metadata,
    },
  }).model;
}

/** The model that computes the same in use without BatchNorm, where it has any and can do without. */
export function folded(model: LanguageModel): LanguageModel {
  return model.folded?.() ?? model;
}

function traced(
  model: LanguageModel,
  hiddenStates: boolean,
): { graph: Graph; sizes: Readonly<Record<string, string>> } {
  if (!isCausalLM(model)) return { graph: traceNextToken(model), sizes: { predicts: model.predicts } };
  const { nLayer, nHead, nEmbd } = model.config;
  return {
    graph: traceCausalLM(model, { hiddenStates }),
    sizes: { n_layer: String(nLayer), n_head: String(nHead), n_embd: String(nEmbd) },
  };
}

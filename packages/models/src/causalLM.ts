/**
 * The inference graph of a causal language model, under the names that transformers.js and optimum expect.
 *
 *     inputs   input_ids                    int64 [batch_size, sequence_length]
 *              attention_mask               int64 [batch_size, total_sequence_length]: 0 for padding
 *              position_ids                 int64 [batch_size, sequence_length]
 *              past_key_values.N.key|value  float [batch_size, heads, past_sequence_length, headDim]
 *     outputs  logits                       float [batch_size, sequence_length, vocabSize]
 *              present.N.key|value          float [batch_size, heads, total_sequence_length, headDim]
 *              last_hidden_state            float [batch_size, sequence_length, nEmbd], where it is asked for
 *
 * It is the model's own `forward`, traced with named dimensions: what is exported is by construction what was trained.
 */

import type { KeyValueCache } from "@llm-learning/attention";
import { cast, type Graph, type InputSpec, reshape, type Tensor, trace } from "@llm-learning/nn-core";
import type { CausalLM } from "./decoder.ts";

/** Options of {@link traceCausalLM}. */
export interface TraceCausalLMOptions {
  /** Whether an output `last_hidden_state` has what the output layer is given of each token. @defaultValue false */
  readonly hiddenStates?: boolean | undefined;
}

/** Traces `model` for inference with a KV cache. */
export function traceCausalLM(model: CausalLM, { hiddenStates = false }: TraceCausalLMOptions = {}): Graph {
  const { layers: count, heads, headDim } = model.cacheSizes;
  const layers = Array.from({ length: count }, (_, layer) => layer);
  const cache: InputSpec = { shape: ["batch_size", heads, "past_sequence_length", headDim] };
  const inputs: Record<string, InputSpec> = {
    input_ids: { shape: ["batch_size", "sequence_length"], dtype: "int64" },
    attention_mask: { shape: ["batch_size", "total_sequence_length"], dtype: "int64" },
    position_ids: { shape: ["batch_size", "sequence_length"], dtype: "int64" },
  };
  for (const layer of layers) {
    inputs[`past_key_values.${layer}.key`] = cache;
    inputs[`past_key_values.${layer}.value`] = cache;
  }
  return trace(inputs, (given) => {
    const past = layers.map((layer) => ({
      key: given[`past_key_values.${layer}.key`],
      value: given[`past_key_values.${layer}.value`],
    }));
    const { logits, present, residual } = model.forward(given.input_ids, {
      positionIds: given.position_ids,
      mask: reshape(cast(given.attention_mask, "bool"), ["batch_size", 1, 1, "total_sequence_length"]),
      past,
      totalLength: "total_sequence_length",
    });
    // Normed anew: where the output layer is given a few tokens only, that is so before they are normed.
    return { logits, ...named(present), ...(hiddenStates && { last_hidden_state: model.norm.forward(residual) }) };
  });
}

function named(present: readonly KeyValueCache[]): Record<string, Tensor> {
  return Object.fromEntries(
    present.flatMap(({ key, value }, layer) => [
      [`present.${layer}.key`, key],
      [`present.${layer}.value`, value],
    ]),
  );
}

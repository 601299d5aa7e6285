/**
 * The attention of a causal language model, as a graph: which earlier tokens each token of a text listens to, in every head.
 *
 *     inputs   input_ids     int64 [1, sequence_length]
 *     outputs  logits        float [1, sequence_length, vocabSize]
 *              attentions.N  float [1, nHead, sequence_length, sequence_length], of layer N from 0: rows listen, columns are
 *                            heard; a row sums to 1
 *
 * It is the model's own `forward` with its taps as outputs, without a cache: for looking at a text, not for writing one.
 */

import { type Graph, taps, trace } from "@llm-learning/nn-core";
import type { CausalLM } from "./decoder.ts";

/**
 * Traces `model` with the probabilities of its attention as outputs.
 *
 * @example
 * ```ts
 * traceAttentions(model).outputs.get("attentions.0")?.shape; // [1, 6, "sequence_length", "sequence_length"]
 * ```
 */
export function traceAttentions(model: CausalLM): Graph {
  return trace({ input_ids: { shape: [1, "sequence_length"], dtype: "int64" } }, ({ input_ids }) => {
    const { logits } = model.forward(input_ids);
    const layers = [...taps([logits]).values()].filter(({ kind }) => kind === "attention");
    return { logits, ...Object.fromEntries(layers.map(({ value }, layer) => [`attentions.${layer}`, value])) };
  });
}

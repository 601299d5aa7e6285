/**
 * A text as one vector: the mean of the last hidden states of its tokens.
 */

import type { SlotRuntime } from "@llm-learning/onnx/node";
import { EngineError } from "../engine/engineError.ts";

/**
 * The mean hidden state of a text, not normalized.
 *
 * @throws EngineError "unsupported" where the model gives no hidden states.
 */
export async function meanHiddenState(runtime: SlotRuntime, tokens: readonly number[]): Promise<Float32Array> {
  const { hiddenStates } = runtime;
  if (hiddenStates === undefined) {
    throw new EngineError("unsupported", "this model was exported without hidden states, of which embeddings are made");
  }
  const { data, size } = await hiddenStates(tokens); // [T, size]
  const sums = new Float64Array(size);
  for (let i = 0; i < data.length; i++) sums[i % size] += data[i];
  return Float32Array.from(sums, (sum) => sum / tokens.length);
}

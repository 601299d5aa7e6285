/**
 * The weights of a GPT under the names, and in the layout, that Hugging Face gives GPT-2.
 *
 * Biases that ours lacks are zeros there, which compute the same. A bias of the output layer has no place in GPT-2's form.
 */

import type { GPT } from "@llm-learning/models";
import { type SafetensorsEntry, safetensorsEntry, stateDict } from "@llm-learning/nn-core";
import { gpt2Layers } from "./gpt2Names.ts";
import { transposed } from "./transposed.ts";

/** What a file of these weights cannot hold, in a sentence; undefined if it holds all of `model`. */
export function gpt2WeightsWarning(model: GPT): string | undefined {
  if (model.output?.bias === undefined) return undefined;
  return (
    "model.safetensors lacks the bias of the output layer, which GPT-2's form has no place for: " +
    "its logits differ from the model's by that bias (the ONNX model has it)"
  );
}

/** Every tensor by its name in Hugging Face's GPT2LMHeadModel. */
export function gpt2Weights(model: GPT): Map<string, SafetensorsEntry> {
  const values = stateDict(model);
  const tensors = new Map<string, SafetensorsEntry>();
  for (const { ours, theirs, kind } of gpt2Layers(model.config)) {
    const { data, shape } = values.get(`${ours}.weight`)!;
    const [rows, columns] = shape as [number, number];
    const weight =
      kind === "conv1d"
        ? safetensorsEntry(transposed(data, [rows, columns]), [columns, rows])
        : safetensorsEntry(data, shape);
    tensors.set(`${theirs}.weight`, weight);
    if (kind === "table") continue;
    const bias = values.get(`${ours}.bias`)?.data ?? new Float32Array(rows);
    tensors.set(`${theirs}.bias`, safetensorsEntry(bias, [rows]));
  }
  return tensors;
}

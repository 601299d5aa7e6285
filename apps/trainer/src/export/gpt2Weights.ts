/**
 * The weights of a GPT under the names, and in the layout, that Hugging Face gives GPT-2.
 *
 * Linear layers of a block are stored `[in, out]` there (its Conv1D), ours are `[out, in]`. Biases that ours lacks are
 * zeros, which compute the same. A bias of the output layer has no place in GPT-2's form.
 */

import type { GPT } from "@llm-learning/models";
import { encodeSafetensors, type SafetensorsEntry, safetensorsEntry } from "@llm-learning/nn-core";

interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

interface Layer {
  readonly weight: Values;
  readonly bias: Values | undefined;
}

/** What a file of these weights cannot hold, in a sentence; undefined if it holds all of `model`. */
export function gpt2WeightsWarning(model: GPT): string | undefined {
  if (model.output?.bias === undefined) return undefined;
  return (
    "model.safetensors lacks the bias of the output layer, which GPT-2's form has no place for: " +
    "its logits differ from the model's by that bias (the ONNX model has it)"
  );
}

/** The bytes of `model.safetensors`. */
export function encodeGPT2Weights(model: GPT, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const warning = gpt2WeightsWarning(model);
  return encodeSafetensors(gpt2Weights(model), { format: "pt", ...metadata, ...(warning && { warning }) });
}

/** Every tensor by its name in Hugging Face's GPT2LMHeadModel. */
export function gpt2Weights(model: GPT): Map<string, SafetensorsEntry> {
  const tensors = new Map<string, SafetensorsEntry>();
  const put = (name: string, { data, shape }: Values): void => void tensors.set(name, safetensorsEntry(data, shape));
  const putLayer = (name: string, { weight, bias }: Layer, outFeatures: number): void => {
    put(`${name}.weight`, weight);
    put(`${name}.bias`, bias ?? { shape: [outFeatures], data: new Float32Array(outFeatures) });
  };
  const putNorm = (name: string, norm: Layer): void => putLayer(name, norm, norm.weight.shape[0]);
  const putLinear = (name: string, linear: Layer): void =>
    putLayer(name, { weight: transposed(linear.weight), bias: linear.bias }, linear.weight.shape[0]);

  put("transformer.wte.weight", model.tokenEmbedding.weight);
  put("transformer.wpe.weight", model.positionEmbedding.weight);
  for (const [index, block] of model.blocks.entries()) {
    const name = `transformer.h.${index}`;
    putNorm(`${name}.ln_1`, block.norm1);
    putLinear(`${name}.attn.c_attn`, block.attention.qkv);
    putLinear(`${name}.attn.c_proj`, block.attention.output!);
    putNorm(`${name}.ln_2`, block.norm2);
    putLinear(`${name}.mlp.c_fc`, block.mlp.expand);
    putLinear(`${name}.mlp.c_proj`, block.mlp.project);
  }
  putNorm("transformer.ln_f", model.norm);
  if (model.output !== undefined) put("lm_head.weight", model.output.weight);
  return tensors;
}

function transposed({ data, shape: [rows, columns] }: Values): Values {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column];
  }
  return { shape: [columns, rows], data: result };
}

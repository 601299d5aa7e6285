/**
 * A GPT as llama.cpp's `gpt2`: learned positions, one matrix for queries, keys and values, biases everywhere.
 *
 * Matrices are `[out, in]`, as ours. Biases that the model lacks are zeros there, which compute the same.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/src/models/gpt2.cpp
 */

import type { GPT } from "@llm-learning/models";
import { stateDict } from "@llm-learning/nn-core";
import type { GgufModel, GgufWeight } from "./ggufModel.ts";

const layersOfBlock = [
  ["norm1", "attn_norm"],
  ["attention.qkv", "attn_qkv"],
  ["attention.output", "attn_output"],
  ["norm2", "ffn_norm"],
  ["mlp.expand", "ffn_up"],
  ["mlp.project", "ffn_down"],
] as const;

export function gpt2Gguf(model: GPT): GgufModel {
  const { nLayer, blockSize, nEmbd, nHead, nHidden, vocabSize, tieWeights } = model.config;
  const values = stateDict(model);

  const weight = (ours: string, theirs: string, role: GgufWeight["role"]): GgufWeight => {
    const { data, shape } = values.get(`${ours}.weight`)!;
    return { name: `${theirs}.weight`, values: () => data, shape, role };
  };
  const withBias = (ours: string, theirs: string): GgufWeight[] => {
    const { data, shape } = values.get(`${ours}.weight`)!;
    const bias = values.get(`${ours}.bias`)?.data;
    return [
      { name: `${theirs}.weight`, values: () => data, shape, role: shape.length === 1 ? "exact" : "linear" },
      { name: `${theirs}.bias`, values: () => bias ?? new Float32Array(shape[0]), shape: [shape[0]], role: "exact" },
    ];
  };
  return {
    architecture: "gpt2",
    sizes: new Map([
      ["vocab_size", { type: "uint32", value: vocabSize }],
      ["context_length", { type: "uint32", value: blockSize }],
      ["embedding_length", { type: "uint32", value: nEmbd }],
      ["feed_forward_length", { type: "uint32", value: nHidden }],
      ["block_count", { type: "uint32", value: nLayer }],
      ["attention.head_count", { type: "uint32", value: nHead }],
      ["attention.layer_norm_epsilon", { type: "float32", value: model.norm.eps }],
    ]),
    weights: [
      weight("tokenEmbedding", "token_embd", "table"),
      // llama.cpp's own converter keeps positions in float32 too: they are few.
      weight("positionEmbedding", "position_embd", "exact"),
      ...Array.from({ length: nLayer }, (_, index) =>
        layersOfBlock.flatMap(([ours, theirs]) => withBias(`blocks.${index}.${ours}`, `blk.${index}.${theirs}`)),
      ).flat(),
      ...withBias("norm", "output_norm"),
      ...(tieWeights ? [] : [weight("output", "output", "table")]),
    ],
  };
}

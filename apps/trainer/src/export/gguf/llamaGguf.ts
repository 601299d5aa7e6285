/**
 * A decoder of the Llama family as llama.cpp's `llama`, `qwen3` or `arcee`.
 *
 * `llama` and `arcee` rotate neighbours, values 2i and 2i + 1 of a head, where ours (as Hugging Face's) rotates i and i + D/2: the rows of
 * queries and keys are put in that order, head by head, which leaves every score as it was. `qwen3` rotates as ours.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/src/models/llama.cpp
 */

import type { Llama } from "@llm-learning/models";
import { stateDict } from "@llm-learning/nn-core";
import type { LlamaForm } from "../llamaForm.ts";
import type { GgufModel, GgufWeight } from "./ggufModel.ts";

const layersOfBlock: readonly (readonly [ours: string, theirs: string])[] = [
  ["norm1", "attn_norm"],
  ["attention.query", "attn_q"],
  ["attention.key", "attn_k"],
  ["attention.value", "attn_v"],
  ["attention.output", "attn_output"],
  ["attention.queryNorm", "attn_q_norm"],
  ["attention.keyNorm", "attn_k_norm"],
  ["norm2", "ffn_norm"],
  ["mlp.gate", "ffn_gate"],
  ["mlp.up", "ffn_up"],
  ["mlp.down", "ffn_down"],
];

export function llamaGguf(model: Llama, architecture: LlamaForm["modelType"]): GgufModel {
  const { nLayer, blockSize, nEmbd, nHidden, nHead, nKeyValueHead, headDim, vocabSize, ...choices } = model.config;
  const values = stateDict(model);
  const rotatesNeighbours = architecture !== "qwen3";

  const weight = (ours: string, theirs: string, table = false): GgufWeight => {
    const { data, shape } = values.get(`${ours}.weight`)!;
    const rotated = rotatesNeighbours && /\.attention\.(query|key)$/.test(ours);
    return {
      name: `${theirs}.weight`,
      values: () => (rotated ? neighboursFirst(data, { headDim, columns: nEmbd }) : data),
      shape,
      role: shape.length === 1 ? "exact" : table ? "table" : "linear",
    };
  };
  const present = ([ours]: readonly [string, string]): boolean => values.has(`blocks.0.${ours}.weight`);
  return {
    architecture,
    sizes: new Map([
      ["vocab_size", { type: "uint32", value: vocabSize }],
      ["context_length", { type: "uint32", value: blockSize }],
      ["embedding_length", { type: "uint32", value: nEmbd }],
      ["feed_forward_length", { type: "uint32", value: nHidden }],
      ["block_count", { type: "uint32", value: nLayer }],
      ["attention.head_count", { type: "uint32", value: nHead }],
      ["attention.head_count_kv", { type: "uint32", value: nKeyValueHead }],
      ["attention.key_length", { type: "uint32", value: headDim }],
      ["attention.value_length", { type: "uint32", value: headDim }],
      ["attention.layer_norm_rms_epsilon", { type: "float32", value: choices.normEps }],
      ["rope.dimension_count", { type: "uint32", value: headDim }],
      ["rope.freq_base", { type: "float32", value: choices.ropeTheta }],
    ]),
    weights: [
      weight("tokenEmbedding", "token_embd", true),
      ...Array.from({ length: nLayer }, (_, index) =>
        layersOfBlock
          .filter(present)
          .map(([ours, theirs]) => weight(`blocks.${index}.${ours}`, `blk.${index}.${theirs}`)),
      ).flat(),
      weight("norm", "output_norm"),
      ...(choices.tieWeights ? [] : [weight("output", "output", true)]),
    ],
  };
}

/** Rows i and i + D/2 of each head as rows 2i and 2i + 1. */
function neighboursFirst(
  data: Float32Array,
  { headDim: D, columns }: { headDim: number; columns: number },
): Float32Array {
  const result = new Float32Array(data.length);
  const half = D / 2;
  for (let row = 0; row * columns < data.length; row++) {
    const i = row % D;
    const target = row - i + (i < half ? 2 * i : 2 * (i - half) + 1);
    result.set(data.subarray(row * columns, (row + 1) * columns), target * columns);
  }
  return result;
}

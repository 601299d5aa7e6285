/**
 * A decoder of the Llama family as llama.cpp's `llama`, `qwen2`, `qwen3` or `arcee`.
 *
 * `llama` and `arcee` rotate neighbours, values 2i and 2i + 1 of a head, where ours (as Hugging Face's) rotates i and i + D/2: the rows of
 * queries and keys are put in that order, head by head, which leaves every score as it was. The Qwens rotate as ours.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/src/models/llama.cpp
 */

import type { Llama, LlamaConfig } from "@llm-learning/models";
import { stateDict } from "@llm-learning/nn-core";
import type { LlamaForm } from "../llamaForm.ts";
import type { GgufModel, GgufWeight } from "./ggufModel.ts";
import { ropeGguf } from "./ropeGguf.ts";

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

/** The model; undefined where llama.cpp does not compute it: biases that its architecture passes over, positions that it cannot stretch. */
export function llamaGguf(model: Llama, form: LlamaForm["modelType"]): GgufModel | undefined {
  const { config } = model;
  const { nLayer, headDim } = config;
  const architecture = architectureOf(config, form);
  const rope = ropeGguf(config, architecture);
  // Its other architectures have biases of queries, keys and values alone.
  if (rope === undefined || (architecture !== "llama" && (config.projectionBias || config.mlpBias))) return undefined;
  const rotatesNeighbours = architecture === "llama" || architecture === "arcee";
  const values = stateDict(model);

  const weights = (ours: string, theirs: string, table = false): GgufWeight[] =>
    ["weight", "bias"].flatMap((part) => {
      const parameter = values.get(`${ours}.${part}`);
      if (parameter === undefined) return [];
      const { data, shape } = parameter;
      const isRotated = rotatesNeighbours && /\.attention\.(query|key)$/.test(ours);
      return {
        name: `${theirs}.${part}`,
        values: () => (isRotated ? neighboursFirst(data, { headDim, columns: shape[1] ?? 1 }) : data),
        shape,
        role: shape.length === 1 ? "exact" : table ? "table" : "linear",
      };
    });
  return {
    architecture,
    sizes: new Map([
      ["vocab_size", { type: "uint32", value: config.vocabSize }],
      ["context_length", { type: "uint32", value: config.blockSize }],
      ["embedding_length", { type: "uint32", value: config.nEmbd }],
      ["feed_forward_length", { type: "uint32", value: config.nHidden }],
      ["block_count", { type: "uint32", value: nLayer }],
      ["attention.head_count", { type: "uint32", value: config.nHead }],
      ["attention.head_count_kv", { type: "uint32", value: config.nKeyValueHead }],
      ["attention.key_length", { type: "uint32", value: headDim }],
      ["attention.value_length", { type: "uint32", value: headDim }],
      ["attention.layer_norm_rms_epsilon", { type: "float32", value: config.normEps }],
      ...rope.sizes,
    ]),
    weights: [
      ...weights("tokenEmbedding", "token_embd", true),
      ...rope.weights,
      ...Array.from({ length: nLayer }, (_, index) =>
        layersOfBlock.flatMap(([ours, theirs]) => weights(`blocks.${index}.${ours}`, `blk.${index}.${theirs}`)),
      ).flat(),
      ...weights("norm", "output_norm"),
      ...(config.tieWeights ? [] : weights("output", "output", true)),
    ],
  };
}

/** `qwen2` has no other width of heads than nEmbd / nHead; with biases, `llama` computes the same. */
function architectureOf({ nHead, headDim, nEmbd }: LlamaConfig, form: LlamaForm["modelType"]): string {
  return form === "qwen2" && nHead * headDim !== nEmbd ? "llama" : form;
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

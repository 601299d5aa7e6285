/**
 * A decoder of the Llama family in the forms that Hugging Face has for it: Llama, Qwen3 where queries and keys are normed, Arcee where
 * the non-linearity is a squared ReLU. All store weights as ours are, under other names.
 *
 * @see https://huggingface.co/docs/transformers/model_doc/llama
 */

import type { Llama, LlamaConfig } from "@llm-learning/models";
import type { ExportOrigin } from "./exportModel.ts";

/** A form by its `model_type`, and what a configuration of ours must choose to have it. */
export interface LlamaForm {
  readonly modelType: "llama" | "qwen3" | "arcee";
  readonly architecture: string;
  /** `hidden_act` there. */
  readonly activation: "silu" | "relu2";
  readonly mlp: LlamaConfig["mlp"];
  readonly qkNorm: boolean;
}

/** The forms. */
export const llamaForms: readonly LlamaForm[] = [
  { modelType: "llama", architecture: "LlamaForCausalLM", activation: "silu", mlp: "swiglu", qkNorm: false },
  { modelType: "qwen3", architecture: "Qwen3ForCausalLM", activation: "silu", mlp: "swiglu", qkNorm: true },
  { modelType: "arcee", architecture: "ArceeForCausalLM", activation: "relu2", mlp: "squared-relu", qkNorm: false },
];

/** The form that has all of a model's choices; undefined where there is none, as for capped logits. */
export function llamaFormOf({ mlp, qkNorm, softCap }: LlamaConfig): LlamaForm | undefined {
  return softCap === 0 ? llamaForms.find((form) => form.mlp === mlp && form.qkNorm === qkNorm) : undefined;
}

/** The content of `config.json`. */
export function llamaHubConfig(
  { config }: Llama,
  { modelType, architecture, activation }: LlamaForm,
  { endOfText, origin }: { endOfText: number | null; origin: ExportOrigin },
): Record<string, unknown> {
  return {
    model_type: modelType,
    architectures: [architecture],
    vocab_size: config.vocabSize,
    hidden_size: config.nEmbd,
    intermediate_size: config.nHidden,
    num_hidden_layers: config.nLayer,
    num_attention_heads: config.nHead,
    num_key_value_heads: config.nKeyValueHead,
    head_dim: config.headDim,
    hidden_act: activation,
    max_position_embeddings: config.blockSize,
    rms_norm_eps: config.normEps,
    rope_theta: config.ropeTheta,
    // Where transformers looks from version 5 on.
    rope_parameters: { rope_type: "default", rope_theta: config.ropeTheta },
    attention_bias: false,
    mlp_bias: false,
    attention_dropout: config.dropout,
    tie_word_embeddings: config.tieWeights,
    bos_token_id: endOfText,
    eos_token_id: endOfText,
    use_cache: true,
    torch_dtype: "float32",
    llm_learning: origin,
  };
}

/** Every tensor of a model of `config` under our name and under theirs, in the order of computation. */
export function llamaNames(
  config: Pick<LlamaConfig, "nLayer" | "mlp" | "qkNorm" | "tieWeights">,
): [ours: string, theirs: string][] {
  const layer = [
    ["norm1", "input_layernorm"],
    ["attention.query", "self_attn.q_proj"],
    ["attention.key", "self_attn.k_proj"],
    ["attention.value", "self_attn.v_proj"],
    ["attention.output", "self_attn.o_proj"],
    ...(config.qkNorm
      ? [
          ["attention.queryNorm", "self_attn.q_norm"],
          ["attention.keyNorm", "self_attn.k_norm"],
        ]
      : []),
    ["norm2", "post_attention_layernorm"],
    ...(config.mlp === "swiglu" ? [["mlp.gate", "mlp.gate_proj"]] : []),
    ["mlp.up", "mlp.up_proj"],
    ["mlp.down", "mlp.down_proj"],
  ];
  const layers = Array.from({ length: config.nLayer }, (_, index) =>
    layer.map(([ours, theirs]) => [`blocks.${index}.${ours}`, `model.layers.${index}.${theirs}`]),
  ).flat();
  const names = [
    ["tokenEmbedding", "model.embed_tokens"],
    ...layers,
    ["norm", "model.norm"],
    ...(config.tieWeights ? [] : [["output", "lm_head"]]),
  ];
  return names.map(([ours, theirs]) => [`${ours}.weight`, `${theirs}.weight`]);
}

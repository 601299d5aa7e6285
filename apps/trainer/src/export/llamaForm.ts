/**
 * A decoder of the Llama family in the forms that Hugging Face has for it: Llama, Qwen2 where queries, keys and values alone have a bias,
 * Qwen3 where queries and keys are normed, Arcee where the non-linearity is a squared ReLU. All store weights as ours are, under other
 * names.
 *
 * @see https://huggingface.co/docs/transformers/model_doc/llama
 */

import type { Llama, LlamaConfig } from "@llm-learning/models";
import type { ExportOrigin } from "./exportModel.ts";
import { hubRope } from "./hubRope.ts";

/** A form by its `model_type`, and what a configuration of ours must choose to have it. */
export interface LlamaForm {
  readonly modelType: "llama" | "qwen2" | "qwen3" | "arcee";
  readonly architecture: string;
  /** `hidden_act` there. */
  readonly activation: "silu" | "relu2";
  readonly mlp: LlamaConfig["mlp"];
  readonly qkNorm: boolean;
  /** Which biases attention has: "qkv" always those, "choice" by its `attention_bias` these and that of the output projection. */
  readonly attentionBias: "qkv" | "choice";
  /** Whether `mlp_bias` is a choice; else the feed-forward layers have none. */
  readonly mlpBias: boolean;
}

const plain = { activation: "silu", mlp: "swiglu", qkNorm: false, attentionBias: "choice", mlpBias: false } as const;

/** The forms. */
export const llamaForms: readonly LlamaForm[] = [
  { ...plain, modelType: "llama", architecture: "LlamaForCausalLM", mlpBias: true },
  { ...plain, modelType: "qwen2", architecture: "Qwen2ForCausalLM", attentionBias: "qkv" },
  { ...plain, modelType: "qwen3", architecture: "Qwen3ForCausalLM", qkNorm: true },
  {
    ...plain,
    modelType: "arcee",
    architecture: "ArceeForCausalLM",
    activation: "relu2",
    mlp: "squared-relu",
    mlpBias: true,
  },
];

/** The form that has all of a model's choices; undefined where there is none, as for capped logits. */
export function llamaFormOf(config: LlamaConfig): LlamaForm | undefined {
  const { mlp, qkNorm, qkvBias, projectionBias, mlpBias, softCap } = config;
  const hasBiases = ({ attentionBias, mlpBias: isChoice }: LlamaForm): boolean =>
    (attentionBias === "qkv" ? qkvBias && !projectionBias : qkvBias === projectionBias) && (isChoice || !mlpBias);
  return softCap === 0
    ? llamaForms.find((form) => form.mlp === mlp && form.qkNorm === qkNorm && hasBiases(form))
    : undefined;
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
    ...hubRope(config),
    attention_bias: config.projectionBias,
    mlp_bias: config.mlpBias,
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
  config: Pick<LlamaConfig, "nLayer" | "mlp" | "qkNorm" | "qkvBias" | "projectionBias" | "mlpBias" | "tieWeights">,
): [ours: string, theirs: string][] {
  const { qkvBias, projectionBias, mlpBias } = config;
  const layer: (readonly [ours: string, theirs: string, bias?: boolean])[] = [
    ["norm1", "input_layernorm"],
    ["attention.query", "self_attn.q_proj", qkvBias],
    ["attention.key", "self_attn.k_proj", qkvBias],
    ["attention.value", "self_attn.v_proj", qkvBias],
    ["attention.output", "self_attn.o_proj", projectionBias],
    ...(config.qkNorm
      ? ([
          ["attention.queryNorm", "self_attn.q_norm"],
          ["attention.keyNorm", "self_attn.k_norm"],
        ] as const)
      : []),
    ["norm2", "post_attention_layernorm"],
    ...(config.mlp === "swiglu" ? ([["mlp.gate", "mlp.gate_proj", mlpBias]] as const) : []),
    ["mlp.up", "mlp.up_proj", mlpBias],
    ["mlp.down", "mlp.down_proj", mlpBias],
  ];
  const layers = Array.from({ length: config.nLayer }, (_, index) =>
    layer.flatMap(([ours, theirs, bias = false]) =>
      (bias ? ["weight", "bias"] : ["weight"]).map((part): [string, string] => [
        `blocks.${index}.${ours}.${part}`,
        `model.layers.${index}.${theirs}.${part}`,
      ]),
    ),
  ).flat();
  return [
    ["tokenEmbedding.weight", "model.embed_tokens.weight"],
    ...layers,
    ["norm.weight", "model.norm.weight"],
    ...(config.tieWeights ? [] : ([["output.weight", "lm_head.weight"]] as [string, string][])),
  ];
}

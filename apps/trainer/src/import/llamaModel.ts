/**
 * A model directory of the Llama family, in the forms of Llama, Mistral, Qwen2, Qwen3 and Arcee, as what a configuration and a model of
 * ours take from it.
 *
 * @see https://huggingface.co/docs/transformers/model_doc/llama
 */

import type { SafetensorsEntry } from "@llm-learning/nn-core";
import { z } from "zod";
import { type LlamaForm, llamaForms, llamaNames } from "../export/llamaForm.ts";
import {
  commonChoices,
  commonSchema,
  expectOurChoices,
  type HubChoice,
  notesOnKeys,
  parseHubConfig,
} from "./hubConfig.ts";
import { hubRope, ropeKeys } from "./hubRope.ts";
import type { ImportedModel } from "./importedModel.ts";
import { namedStateDict } from "./namedStateDict.ts";
import { expectTied } from "./tiedWeights.ts";

const size = z.int().min(1).max(1_000_000);

/** The keys of `config.json` that decide what is computed; where one may be missing, with the value that it has then. */
const configSchema = z.object({
  ...commonSchema,
  ...ropeKeys,
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  hidden_act: z.string().default("silu"),
  max_position_embeddings: size,
  rms_norm_eps: z.number().gt(0),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  use_sliding_window: z.boolean().default(false),
  sliding_window: size.nullish(),
  layer_types: z.array(z.string()).nullish(),
  tie_word_embeddings: z.boolean().default(false),
});

/** Keys of the forms that decide nothing here: dropout, how products are cut, and where a window begins that is asked for or not. */
const otherKeys = ["attention_dropout", "pretraining_tp", "max_window_layers"];

type HubConfig = z.infer<typeof configSchema>;

/** A form as it is read: with what is special about its configuration. */
interface ReadForm extends Omit<LlamaForm, "modelType" | "architecture"> {
  readonly modelType: string;
  /** Width of a head where `head_dim` is missing. @defaultValue the width divided by the heads */
  readonly headDim?: number;
  /** Heads of keys where `num_key_value_heads` is missing. @defaultValue as many as of queries */
  readonly keyValueHeads?: number;
  /** The length of the attention's window; undefined where there is none. */
  window(given: HubConfig): number | undefined;
}

/** Qwen's switch, and the kinds of layers that follow from it. */
const qwenWindow = ({ use_sliding_window: isOn, sliding_window: window }: HubConfig): number | undefined =>
  isOn ? (window ?? undefined) : undefined;

const special = {
  llama: { window: () => undefined },
  arcee: { window: () => undefined },
  qwen2: { keyValueHeads: 32, window: qwenWindow },
  qwen3: { keyValueHeads: 32, headDim: 128, window: qwenWindow },
} as const satisfies Record<LlamaForm["modelType"], Partial<ReadForm>>;

const readForms: readonly ReadForm[] = [
  ...llamaForms.map((form) => ({ ...form, ...special[form.modelType] })),
  {
    ...llamaForms[0],
    modelType: "mistral",
    keyValueHeads: 8,
    window: ({ sliding_window: window = 4096 }) => window ?? undefined,
  },
];

/** Readers of `config.json` by `model_type`. */
export const llamaModels: Readonly<Record<string, (json: unknown) => ImportedModel>> = Object.fromEntries(
  readForms.map((form) => [form.modelType, (json: unknown) => llamaModel(form, json)]),
);

/** @throws UsageError for a choice that Llama of `@llm-learning/models` does not have. */
function llamaModel(form: ReadForm, json: unknown): ImportedModel {
  const given = parseHubConfig(configSchema, json, form.modelType);
  expectOurChoices(form.modelType, choicesOf(form, given));
  const { num_attention_heads: nHead, hidden_size: nEmbd } = given;
  const { num_key_value_heads: keyValueHeads = form.keyValueHeads, head_dim: headDim = form.headDim } = given;
  const window = form.window(given) ?? Infinity;
  const hasBias = form.attentionBias === "qkv" || given.attention_bias;
  const config = {
    model: "llama",
    blockSize: Math.min(given.max_position_embeddings, window),
    nLayer: given.num_hidden_layers,
    nHead,
    nKeyValueHead: keyValueHeads ?? nHead,
    nEmbd,
    headDim: headDim ?? Math.floor(nEmbd / nHead),
    nHidden: given.intermediate_size,
    mlp: form.mlp,
    qkNorm: form.qkNorm,
    qkvBias: hasBias,
    projectionBias: form.attentionBias !== "qkv" && hasBias,
    mlpBias: given.mlp_bias,
    ...hubRope(given),
    normEps: given.rms_norm_eps,
    tieWeights: given.tie_word_embeddings,
    softCap: 0,
    ...(given.llm_learning?.lines === true && { lines: true }),
  } as const;
  return {
    config,
    vocabSize: given.vocab_size,
    notes: [
      ...(window < given.max_position_embeddings
        ? [`the context is ${window}, the model's sliding_window, within which attention without a window is the same`]
        : []),
      ...notesOnKeys(json, configSchema, otherKeys),
    ],
    weights: (file) => {
      const tensors = withPrefix(file.tensors);
      if (config.tieWeights) expectTied(tensors, { embedding: "model.embed_tokens.weight", output: "lm_head.weight" });
      return namedStateDict(tensors, llamaNames(config), "Llama", isRedundant);
    },
  };
}

function choicesOf(form: ReadForm, given: HubConfig): HubChoice[] {
  // "swish" is an older name of the same function.
  const activation = given.hidden_act === "swish" ? "silu" : given.hidden_act;
  const kinds = new Set(given.layer_types ?? []);
  kinds.delete("full_attention");
  if (form.window(given) !== undefined) kinds.delete("sliding_attention");
  return [
    ...commonChoices(given),
    [activation === form.activation, `hidden_act ${JSON.stringify(form.activation)}`, given.hidden_act],
    [form.attentionBias === "choice" || !given.attention_bias, "no attention_bias", true],
    [form.mlpBias || !given.mlp_bias, "no mlp_bias", true],
    [kinds.size === 0, "layer_types of full_attention", [...kinds][0]],
  ];
}

/** The tensors of a file; those of the model alone, without the output layer, have no `model.` before them. */
function withPrefix(tensors: ReadonlyMap<string, SafetensorsEntry>): ReadonlyMap<string, SafetensorsEntry> {
  const isBare = tensors.has("embed_tokens.weight");
  return isBare ? new Map([...tensors].map(([name, entry]) => [`model.${name}`, entry])) : tensors;
}

/** Tied weights may be there twice; frequencies of the positions, in old files, follow from the configuration. */
function isRedundant(name: string): boolean {
  return name === "lm_head.weight" || name.endsWith(".rotary_emb.inv_freq");
}

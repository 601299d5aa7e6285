/**
 * A model directory of the Llama family, in the forms of Llama, Qwen3 and Arcee, as what a configuration and a model of ours take from it.
 *
 * @see https://huggingface.co/docs/transformers/model_doc/llama
 */

import { float32Values, type Safetensors, type StateDict } from "@llm-learning/nn-core";
import { z } from "zod";
import { type LlamaForm, llamaForms, llamaNames } from "../export/llamaForm.ts";
import { UsageError } from "../usageError.ts";
import { expectOurChoices, type HubChoice, parseHubConfig } from "./hubConfig.ts";
import type { ImportedModel } from "./importedModel.ts";

const size = z.int().min(1).max(1_000_000);
const positive = z.number().gt(0);

/** The keys of `config.json` that decide what is computed; where one may be missing, with the value that it has then. */
const configSchema = z.object({
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  hidden_act: z.string().default("silu"),
  max_position_embeddings: size.default(2048),
  rms_norm_eps: positive.default(1e-6),
  rope_theta: positive.optional(),
  rope_parameters: z.looseObject({ rope_type: z.string().optional(), rope_theta: positive.optional() }).nullish(),
  rope_scaling: z.looseObject({}).nullish(),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  use_sliding_window: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(false),
  /** Of a directory that this program wrote. */
  llm_learning: z.object({ lines: z.boolean().optional() }).optional(),
});

type HubConfig = z.infer<typeof configSchema>;

/** Readers of `config.json` by `model_type`. */
export const llamaModels: Readonly<Record<string, (json: unknown) => ImportedModel>> = Object.fromEntries(
  llamaForms.map((form) => [form.modelType, (json: unknown) => llamaModel(form, json)]),
);

/** @throws UsageError for a choice that Llama of `@llm-learning/models` does not have. */
function llamaModel(form: LlamaForm, json: unknown): ImportedModel {
  const given = parseHubConfig(configSchema, json, form.modelType);
  expectOurChoices(form.modelType, choicesOf(form, given));
  const config = {
    model: "llama",
    blockSize: given.max_position_embeddings,
    nLayer: given.num_hidden_layers,
    nHead: given.num_attention_heads,
    nKeyValueHead: given.num_key_value_heads ?? given.num_attention_heads,
    nEmbd: given.hidden_size,
    headDim: given.head_dim ?? given.hidden_size / given.num_attention_heads,
    nHidden: given.intermediate_size,
    mlp: form.mlp,
    qkNorm: form.qkNorm,
    ropeTheta: given.rope_parameters?.rope_theta ?? given.rope_theta ?? 10_000,
    normEps: given.rms_norm_eps,
    tieWeights: given.tie_word_embeddings,
    softCap: 0,
    ...(given.llm_learning?.lines === true && { lines: true }),
  } as const;
  return { config, vocabSize: given.vocab_size, weights: (file) => llamaStateDict(file, llamaNames(config)) };
}

function choicesOf({ activation }: LlamaForm, given: HubConfig): HubChoice[] {
  const ropeType = given.rope_parameters?.rope_type ?? "default";
  return [
    [given.hidden_act === activation, `hidden_act ${JSON.stringify(activation)}`, given.hidden_act],
    [ropeType === "default", 'rope_parameters of rope_type "default"', ropeType],
    [(given.rope_scaling ?? null) === null, "no rope_scaling", given.rope_scaling],
    [!given.attention_bias, "no attention_bias", true],
    [!given.mlp_bias, "no mlp_bias", true],
    [!given.use_sliding_window, "no use_sliding_window", true],
  ];
}

/** The weights of a file under our names. @throws UsageError for a tensor that is missing or unknown. */
function llamaStateDict({ tensors }: Safetensors, names: readonly (readonly [string, string])[]): StateDict {
  const weights = new Map(
    names.map(([ours, theirs]) => {
      const entry = tensors.get(theirs);
      if (entry === undefined) throw new UsageError(`expected a tensor ${JSON.stringify(theirs)}, got none`);
      return [ours, { shape: entry.shape, data: float32Values(entry) }];
    }),
  );
  const known = new Set(names.map(([, theirs]) => theirs));
  // Tied weights may be there twice; frequencies of the positions, in old files, follow from the configuration.
  const isRedundant = (name: string): boolean => name === "lm_head.weight" || name.endsWith(".rotary_emb.inv_freq");
  const unknown = [...tensors.keys()].find((name) => !known.has(name) && !isRedundant(name));
  if (unknown !== undefined) throw new UsageError(`expected a Llama's tensors, got ${JSON.stringify(unknown)}`);
  return weights;
}

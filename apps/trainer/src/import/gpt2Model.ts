/**
 * A model directory in the form that Hugging Face gives GPT-2, as what a configuration and a model of ours take from it.
 *
 * @see https://huggingface.co/docs/transformers/model_doc/gpt2
 */

import type { GPTConfig } from "@llm-learning/models";
import { float32Values, type Safetensors, type StateDict } from "@llm-learning/nn-core";
import { z } from "zod";
import { gpt2Layers } from "../export/gpt2Names.ts";
import { transposed } from "../export/transposed.ts";
import { UsageError } from "../usageError.ts";
import {
  commonChoices,
  commonSchema,
  expectOurChoices,
  type HubChoice,
  notesOnKeys,
  parseHubConfig,
} from "./hubConfig.ts";
import type { ImportedModel } from "./importedModel.ts";
import { expectTied } from "./tiedWeights.ts";

const size = z.int().min(1).max(1_000_000);

/** The keys of `config.json` that decide what is computed; where one may be missing, with the value that it has then. */
const configSchema = z.object({
  ...commonSchema,
  vocab_size: size,
  n_positions: size,
  n_embd: size,
  n_layer: size,
  n_head: size,
  n_inner: size.nullish(),
  activation_function: z.string().default("gelu_new"),
  layer_norm_epsilon: z.number().gt(0).default(1e-5),
  tie_word_embeddings: z.boolean().default(true),
  scale_attn_weights: z.boolean().default(true),
  scale_attn_by_inverse_layer_idx: z.boolean().default(false),
  /** Other names of sizes above. */
  hidden_size: size.optional(),
  num_hidden_layers: size.optional(),
  num_attention_heads: size.optional(),
  max_position_embeddings: size.optional(),
});

/** Keys of GPT-2's that decide nothing here: dropout, heads of other tasks, the precision of an intermediate step. */
const otherKeys = [
  ..."n_ctx n_special predict_special_tokens resid_pdrop embd_pdrop attn_pdrop reorder_and_upcast_attn".split(" "),
  ..."summary_type summary_use_proj summary_activation summary_proj_to_labels summary_first_dropout".split(" "),
];

/** Names of the non-linearities that ours has; the first two are the same function. */
const activations: Readonly<Record<string, GPTConfig["activation"]>> = {
  gelu_new: "gelu",
  gelu_pytorch_tanh: "gelu",
  gelu: "exact-gelu",
  relu: "relu",
};

/**
 * Reads a GPT-2's `config.json`.
 *
 * @throws UsageError for a choice that GPT of `@llm-learning/models` does not have.
 */
export function gpt2Model(json: unknown): ImportedModel {
  const given = parseHubConfig(configSchema, json, "GPT-2");
  expectOurChoices("GPT-2", choicesOf(given));
  const config = {
    model: "gpt",
    blockSize: given.n_positions,
    nLayer: given.n_layer,
    nHead: given.n_head,
    nEmbd: given.n_embd,
    bias: true,
    qkvBias: true,
    outputBias: false,
    tieWeights: given.tie_word_embeddings,
    activation: activations[given.activation_function],
    nHidden: given.n_inner ?? 0,
    normEps: given.layer_norm_epsilon,
    ...(given.llm_learning?.lines === true && { lines: true }),
  } as const;
  return {
    config,
    vocabSize: given.vocab_size,
    notes: notesOnKeys(json, configSchema, otherKeys),
    weights: (file, blockSize) => gpt2StateDict(file, { ...config, blockSize }),
  };
}

function choicesOf(given: z.infer<typeof configSchema>): HubChoice[] {
  return [
    ...commonChoices(given),
    [given.n_embd % given.n_head === 0, `n_head that divides n_embd ${given.n_embd}`, given.n_head],
    isSame("hidden_size", given.hidden_size, given.n_embd),
    isSame("num_hidden_layers", given.num_hidden_layers, given.n_layer),
    isSame("num_attention_heads", given.num_attention_heads, given.n_head),
    isSame("max_position_embeddings", given.max_position_embeddings, given.n_positions),
    [
      Object.hasOwn(activations, given.activation_function),
      `activation_function of ${Object.keys(activations).join(", ")}`,
      given.activation_function,
    ],
    [given.scale_attn_weights, "scale_attn_weights", false],
    [!given.scale_attn_by_inverse_layer_idx, "no scale_attn_by_inverse_layer_idx", true],
  ];
}

function isSame(key: string, value: number | undefined, size: number): HubChoice {
  return [value === undefined || value === size, `${key} ${size}, which has another name besides`, value];
}

/** Causal masks, which old files hold beside the weights. */
const mask = /^h\.\d+\.attn\.(masked_)?bias$/;

/**
 * The weights of a file under our names. Those of the model alone, without the output layer, have no `transformer.` before them.
 *
 * @throws UsageError for a tensor that is missing, unknown, or of another rank.
 */
function gpt2StateDict(
  { tensors }: Safetensors,
  { nLayer, tieWeights, blockSize }: { nLayer: number; tieWeights: boolean; blockSize: number },
): StateDict {
  const bare = (name: string): string => name.replace(/^transformer\./, "");
  const left = new Map([...tensors].map(([name, entry]) => [bare(name), { name, entry }]));
  const take = (theirs: string, rank: number): { shape: readonly number[]; data: Float32Array } => {
    const found = left.get(bare(theirs));
    if (found === undefined) throw new UsageError(`expected a tensor ${JSON.stringify(theirs)}, got none`);
    left.delete(bare(theirs));
    const { name, entry } = found;
    if (entry.shape.length !== rank) {
      throw new UsageError(`expected ${JSON.stringify(name)} of rank ${rank}, got shape [${entry.shape.join(", ")}]`);
    }
    return { shape: entry.shape, data: float32Values(entry) };
  };
  const weights = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const { ours, theirs, kind } of gpt2Layers({ nLayer, tieWeights })) {
    const { shape, data } = take(`${theirs}.weight`, kind === "norm" ? 1 : 2);
    if (kind === "conv1d") {
      const [rows, columns] = shape as [number, number];
      weights.set(`${ours}.weight`, { shape: [columns, rows], data: transposed(data, [rows, columns]) });
    } else weights.set(`${ours}.weight`, { shape, data });
    if (kind !== "table") weights.set(`${ours}.bias`, take(`${theirs}.bias`, 1));
  }
  if (tieWeights) {
    expectTied(tensors, { embedding: "transformer.wte.weight", output: "lm_head.weight" });
    left.delete("lm_head.weight");
  }
  const unknown = [...left].find(([name]) => !mask.test(name));
  if (unknown !== undefined) throw new UsageError(`expected GPT-2's tensors, got ${JSON.stringify(unknown[1].name)}`);
  const { shape, data } = weights.get("positionEmbedding.weight")!;
  if (shape[0] > blockSize) {
    const width = shape[1];
    weights.set("positionEmbedding.weight", { shape: [blockSize, width], data: data.subarray(0, blockSize * width) });
  }
  return weights;
}

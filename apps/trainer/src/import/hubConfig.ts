/**
 * Reading a `config.json` of Hugging Face's: its keys, choices that our models do not have, and keys that nobody here knows.
 */

import { z } from "zod";
import { UsageError } from "../usageError.ts";

/** The keys of a configuration. @throws UsageError naming the first that is wrong. */
export function parseHubConfig<Schema extends z.ZodType>(schema: Schema, json: unknown, form: string): z.infer<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new UsageError(`expected the config.json of a ${form}, got ${path.join(".")}: ${message}`);
}

/** A choice that decides what is computed: whether ours computes it too, what ours would be, what it is. */
export type HubChoice = readonly [isOurs: boolean, expected: string, got: unknown];

/** @throws UsageError naming the first choice that our models do not have. */
export function expectOurChoices(form: string, choices: readonly HubChoice[]): void {
  const wrong = choices.find(([isOurs]) => !isOurs);
  if (wrong === undefined) return;
  const [, expected, got] = wrong;
  throw new UsageError(`expected a ${form} with ${expected}, got ${JSON.stringify(got)}: our model has no other`);
}

/** Keys of any configuration that change what is computed where they are set. */
export const commonSchema = {
  is_encoder_decoder: z.boolean().nullish(),
  add_cross_attention: z.boolean().nullish(),
  pruned_heads: z.record(z.string(), z.unknown()).nullish(),
  quantization_config: z.unknown().optional(),
  /** Of a directory that this program wrote. */
  llm_learning: z.object({ lines: z.boolean().optional() }).optional(),
} as const;

/** Whether those are as in our models. */
export function commonChoices(given: {
  readonly [Key in keyof typeof commonSchema]?: z.infer<(typeof commonSchema)[Key]>;
}): HubChoice[] {
  return [
    [given.is_encoder_decoder !== true, "no is_encoder_decoder", true],
    [given.add_cross_attention !== true, "no add_cross_attention", true],
    [Object.keys(given.pruned_heads ?? {}).length === 0, "no pruned_heads", given.pruned_heads],
    [(given.quantization_config ?? null) === null, "no quantization_config", given.quantization_config],
  ];
}

/**
 * Keys that transformers writes into every configuration and that have no part in the logits: what the file is, how others generate
 * and train with it, what they return.
 */
const commonKeys = [
  ..."_name_or_path name_or_path architectures model_type transformers_version torch_dtype dtype auto_map".split(" "),
  ..."tokenizer_class prefix task_specific_params use_cache initializer_range transformers.js_config".split(" "),
  ..."bos_token_id eos_token_id pad_token_id sep_token_id decoder_start_token_id is_decoder".split(" "),
  ..."return_dict output_hidden_states output_attentions output_scores torchscript use_bfloat16".split(" "),
  ..."tie_encoder_decoder cross_attention_hidden_size chunk_size_feed_forward tf_legacy_loss".split(" "),
  ..."id2label label2id num_labels problem_type finetuning_task return_dict_in_generate".split(" "),
  ..."max_length min_length do_sample early_stopping num_beams num_beam_groups diversity_penalty".split(" "),
  ..."temperature top_k top_p typical_p repetition_penalty length_penalty no_repeat_ngram_size".split(" "),
  ..."encoder_no_repeat_ngram_size bad_words_ids num_return_sequences forced_bos_token_id".split(" "),
  ..."forced_eos_token_id remove_invalid_values exponential_decay_length_penalty".split(" "),
  ..."suppress_tokens begin_suppress_tokens".split(" "),
];

/**
 * A sentence about keys of a configuration that no table of ours has, and that therefore decide nothing; none where there are none.
 *
 * @param schema - The keys that decide something.
 * @param others - Further keys of the form that decide nothing.
 */
export function notesOnKeys(json: unknown, schema: z.ZodObject, others: readonly string[]): string[] {
  const known = new Set([...Object.keys(schema.shape), ...commonKeys, ...others]);
  const unknown = Object.keys(json as object).filter((key) => !known.has(key));
  if (unknown.length === 0) return [];
  const shown = unknown.slice(0, 8).map((key) => JSON.stringify(key.length <= 40 ? key : `${key.slice(0, 40)}…`));
  return [
    `config.json has keys that are not known here and decide nothing: ${shown.join(", ")}` +
      (unknown.length > shown.length ? ` and ${unknown.length - shown.length} more` : ""),
  ];
}

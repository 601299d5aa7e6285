/**
 * What is read of the JSON files of a model directory; their other keys are other readers'.
 */

import Type, { type Static, type TNumberOptions } from "typebox";

const id = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });
const optionalId = Type.Optional(Type.Union([Type.Null(), id], { description: "a token id or null" }));
const stopIds = Type.Optional(
  Type.Union([Type.Null(), id, Type.Array(id, { maxItems: 1000 })], {
    description: "a token id, at most 1000 of them, or null",
  }),
);
const length = Type.Optional(
  Type.Integer({ minimum: 2, maximum: 1 << 24, description: "an integer from 2 to 16777216" }),
);
const number = (description: string, limits: TNumberOptions) =>
  Type.Optional(Type.Union([Type.Null(), Type.Number(limits)], { description }));

/** `config.json`. */
export const configSchema = Type.Object({
  vocab_size: Type.Integer({ minimum: 1, maximum: 1 << 24, description: "an integer from 1 to 16777216" }),
  max_position_embeddings: length,
  n_positions: length,
  bos_token_id: optionalId,
  eos_token_id: stopIds,
  llm_learning: Type.Optional(
    Type.Object({ lines: Type.Optional(Type.Boolean()) }, { description: 'an object with "lines", true or false' }),
  ),
});

/** `generation_config.json`. */
export const generationSchema = Type.Object({
  eos_token_id: stopIds,
  do_sample: Type.Optional(Type.Union([Type.Null(), Type.Boolean()], { description: "true, false or null" })),
  temperature: number("a number from 0 to 100", { minimum: 0, maximum: 100 }),
  top_k: Type.Optional(Type.Union([Type.Null(), Type.Integer({ minimum: -1 })], { description: "an integer >= -1" })),
  top_p: number("a number above 0, at most 1", { exclusiveMinimum: 0, maximum: 1 }),
  min_p: number("a number from 0 to 1", { minimum: 0, maximum: 1 }),
  repetition_penalty: number("a number above 0", { exclusiveMinimum: 0, maximum: 1e6 }),
});

const token = Type.Optional(
  Type.Union([Type.Null(), Type.String(), Type.Object({ content: Type.String() })], {
    description: "a token, as it is spelled",
  }),
);

/** `tokenizer_config.json`. */
export const tokenizerConfigSchema = Type.Object({
  bos_token: token,
  eos_token: token,
  unk_token: token,
  pad_token: token,
  chat_template: Type.Optional(
    Type.Union(
      [Type.Null(), Type.String(), Type.Array(Type.Object({ name: Type.String(), template: Type.String() }))],
      { description: "a template, or several with their names" },
    ),
  ),
});

export type ModelConfig = Static<typeof configSchema>;
export type GenerationConfig = Static<typeof generationSchema>;
export type TokenizerConfig = Static<typeof tokenizerConfigSchema>;

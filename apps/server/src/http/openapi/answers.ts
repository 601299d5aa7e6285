/**
 * What routes answer with, for the document of the API alone: answers are written as they are, and a test holds them to this.
 */

import { type TSchema, Type } from "typebox";

const integer = Type.Integer({ minimum: 0 });
const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()]);

const model = Type.Object({
  id: Type.String(),
  object: Type.Literal("model"),
  created: Type.Integer({ description: "Seconds since 1970" }),
  owned_by: Type.String(),
  max_model_len: Type.Integer({ description: "Longest context in tokens, prompt and answer together" }),
});

const usage = Type.Object({
  prompt_tokens: integer,
  completion_tokens: integer,
  total_tokens: integer,
  prompt_tokens_details: Type.Object({ cached_tokens: integer }),
});

const finishReason = Type.Union([Type.Literal("stop"), Type.Literal("length")]);

/** Fields of the answer and of each chunk. */
const head = { id: Type.String(), created: Type.Integer(), model: Type.String() };

const legacyLogprobs = Type.Object({
  tokens: Type.Array(Type.String()),
  token_logprobs: Type.Array(orNull(Type.Number())),
  top_logprobs: Type.Array(orNull(Type.Record(Type.String(), Type.Number()))),
  text_offset: Type.Array(integer),
});

const completion = Type.Object({
  ...head,
  object: Type.Literal("text_completion"),
  choices: Type.Array(
    Type.Object({
      index: integer,
      text: Type.String(),
      logprobs: orNull(legacyLogprobs),
      finish_reason: orNull(finishReason),
    }),
  ),
  usage: Type.Optional(orNull(usage)),
});

const tokenLogprob = { token: Type.String(), logprob: Type.Number(), bytes: Type.Array(integer) };

const logprobs = Type.Object({
  content: Type.Array(Type.Object({ ...tokenLogprob, top_logprobs: Type.Array(Type.Object(tokenLogprob)) })),
});

const chatCompletion = Type.Object({
  ...head,
  object: Type.Literal("chat.completion"),
  choices: Type.Array(
    Type.Object({
      index: integer,
      message: Type.Object({ role: Type.Literal("assistant"), content: Type.String() }),
      logprobs: orNull(logprobs),
      finish_reason: finishReason,
    }),
  ),
  usage,
});

const embeddings = Type.Object({
  object: Type.Literal("list"),
  model: Type.String(),
  data: Type.Array(
    Type.Object({
      object: Type.Literal("embedding"),
      index: integer,
      embedding: Type.Union([Type.Array(Type.Number()), Type.String({ description: "base64 of float32" })]),
    }),
  ),
  usage: Type.Object({ prompt_tokens: integer, total_tokens: integer }),
});

const tokens = Type.Object({
  count: integer,
  max_model_len: integer,
  tokens: Type.Array(integer),
  token_strs: orNull(Type.Array(Type.String())),
});

const status = Type.Object({ status: Type.Literal("ok") });

/** By the route's pattern. */
export const answers: ReadonlyMap<string, TSchema> = new Map<string, TSchema>([
  ["/v1/models", Type.Object({ object: Type.Literal("list"), data: Type.Array(model) })],
  ["/v1/models/:model", model],
  ["/v1/completions", completion],
  ["/v1/chat/completions", chatCompletion],
  ["/v1/embeddings", embeddings],
  ["/tokenize", tokens],
  ["/detokenize", Type.Object({ prompt: Type.String() })],
  ["/health", status],
  ["/health/live", status],
  ["/health/ready", status],
  ["/ping", status],
  ["/version", Type.Object({ version: Type.String() })],
  ["/metrics", Type.String({ description: "Prometheus's text format" })],
]);

/** Routes that answer with server-sent events where a request says `stream: true`. */
export const streams: ReadonlySet<string> = new Set(["/v1/completions", "/v1/chat/completions"]);

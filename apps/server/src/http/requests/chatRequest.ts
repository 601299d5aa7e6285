/**
 * The body of `POST /v1/chat/completions`.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */

import { type Static, Type } from "typebox";
import { generationFields, type RequestLimits } from "./generationFields.ts";

const MAX_MESSAGES = 1024;
const MAX_PARTS = 256;
const MAX_LOGPROBS = 20;

const role = Type.Union(
  (["system", "developer", "user", "assistant", "tool"] as const).map((name) => Type.Literal(name)),
);

/** That a text is there is checked later, so that parts of other types are refused for their type. */
const textPart = Type.Object({ type: Type.Literal("text"), text: Type.Optional(Type.String()) });

const message = Type.Object({
  role,
  content: Type.Union([Type.String(), Type.Array(textPart, { minItems: 1, maxItems: MAX_PARTS })]),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 64, pattern: "^[a-zA-Z0-9_-]+$" })),
});

export function chatRequest(limits: RequestLimits) {
  return Type.Object({
    ...generationFields(limits),
    messages: Type.Array(message, { minItems: 1, maxItems: MAX_MESSAGES }),
    max_tokens: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })),
    max_completion_tokens: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, description: "What the context leaves where absent." }),
    ),
    logprobs: Type.Optional(Type.Boolean()),
    top_logprobs: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_LOGPROBS })),
    add_generation_prompt: Type.Optional(Type.Boolean({ description: "true where absent." })),
    continue_final_message: Type.Optional(
      Type.Boolean({ description: "Whether the answer continues the last message, which is the assistant's." }),
    ),
  });
}

export type ChatRequest = Static<ReturnType<typeof chatRequest>>;

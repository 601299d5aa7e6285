/**
 * The body of `POST /v1/completions`.
 *
 * @see https://platform.openai.com/docs/api-reference/completions/create
 */

import { type Static, Type } from "typebox";
import { generationFields, type RequestLimits } from "./generationFields.ts";

/** Most alternatives to a token, vLLM's limit; OpenAI's is 5. */
const MAX_LOGPROBS = 20;

/** Ids of a prompt; whether they are tokens, and fit the context, depends on the model. */
const tokenIds = Type.Array(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }), { minItems: 1 });

export function completionRequest(limits: RequestLimits) {
  const { maxPrompts } = limits;
  return Type.Object({
    ...generationFields(limits),
    prompt: Type.Union([
      Type.String(),
      Type.Array(Type.String(), { minItems: 1, maxItems: maxPrompts }),
      tokenIds,
      Type.Array(tokenIds, { minItems: 1, maxItems: maxPrompts }),
    ]),
    max_tokens: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, description: "16 where absent." })),
    echo: Type.Optional(Type.Boolean({ description: "Whether the prompt begins the text." })),
    logprobs: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_LOGPROBS })),
    add_special_tokens: Type.Optional(
      Type.Boolean({ description: "Whether texts begin with the model's begin token; true where absent." }),
    ),
  });
}

export type CompletionRequest = Static<ReturnType<typeof completionRequest>>;

/**
 * The fields that completions and chat have in common: how tokens are chosen, where texts end, and how the answer comes.
 *
 * Ranges are OpenAI's where it has the field, else vLLM's. Nothing is coerced: "1" is no number.
 */

import { type Static, Type } from "typebox";
import type { AppSettings } from "../appContext.ts";
import { responseFormat } from "./responseFormat.ts";

/** Most stop strings, and most characters of each. */
const MAX_STOPS = 16;
const MAX_STOP_LENGTH = 256;
const MAX_STOP_IDS = 64;
const MAX_BIASES = 1024;

/** Limits that the operator sets. */
export type RequestLimits = Pick<AppSettings, "maxChoices" | "maxPrompts" | "requestTimeoutSeconds">;

export function generationFields({ maxChoices, requestTimeoutSeconds }: RequestLimits) {
  const stop = Type.String({ minLength: 1, maxLength: MAX_STOP_LENGTH });
  const tokenId = Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 });
  return {
    model: Type.Optional(Type.String({ maxLength: 256, description: "The first model that is served where absent." })),
    n: Type.Optional(Type.Integer({ minimum: 1, maximum: maxChoices, description: "Answers to each prompt." })),
    best_of: Type.Optional(Type.Integer({ minimum: 1, maximum: maxChoices, description: "Equal to n." })),
    stop: Type.Optional(Type.Union([stop, Type.Array(stop, { maxItems: MAX_STOPS })])),
    stop_token_ids: Type.Optional(Type.Array(tokenId, { maxItems: MAX_STOP_IDS })),
    ignore_eos: Type.Optional(Type.Boolean({ description: "Whether texts go on after the model's end of a text." })),
    min_tokens: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })),
    // OpenAI's, of 64 bits, though JSON has them to 53 here.
    seed: Type.Optional(Type.Integer({ minimum: -(2 ** 63), maximum: 2 ** 63 })),
    temperature: Type.Optional(Type.Number({ minimum: 0, maximum: 2 })),
    top_p: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    top_k: Type.Optional(Type.Integer({ minimum: -1, maximum: 2 ** 31 - 1, description: "-1 and 0 are no limit." })),
    min_p: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    repetition_penalty: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100 })),
    frequency_penalty: Type.Optional(Type.Number({ minimum: -2, maximum: 2 })),
    presence_penalty: Type.Optional(Type.Number({ minimum: -2, maximum: 2 })),
    logit_bias: Type.Optional(
      Type.Record(Type.String(), Type.Number({ minimum: -100, maximum: 100 }), { maxProperties: MAX_BIASES }),
    ),
    response_format: Type.Optional(responseFormat),
    stream: Type.Optional(Type.Boolean()),
    stream_options: Type.Optional(
      Type.Object({
        include_usage: Type.Optional(Type.Boolean()),
        continuous_usage_stats: Type.Optional(Type.Boolean()),
      }),
    ),
    skip_special_tokens: Type.Optional(
      Type.Boolean({ description: "Whether texts are without them; true if absent." }),
    ),
    return_token_ids: Type.Optional(Type.Boolean()),
    timeout: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: requestTimeoutSeconds, description: "Seconds." }),
    ),
  };
}

const fields = Type.Object(generationFields({ maxChoices: 1, maxPrompts: 1, requestTimeoutSeconds: 1 }));

/** What both kinds of requests have. */
export type GenerationFields = Static<typeof fields>;

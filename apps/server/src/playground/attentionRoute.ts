/**
 * `POST /playground/attention`: where a model looked, for a short text.
 */

import { Type } from "typebox";
import { type AttentionWeights, MAX_ATTENTION_TOKENS } from "../attention/attention.ts";
import { EngineError } from "../engine/engineError.ts";
import type { AppContext } from "../http/appContext.ts";
import type { App } from "../http/buildApp.ts";
import { clientOf } from "../http/client.ts";
import { disconnectSignal } from "../http/disconnect.ts";
import { findModel } from "../http/findModel.ts";
import { tokenPrompt } from "../http/generation/promptTokens.ts";
import type { AttentionAnswer } from "./protocol.ts";

const body = Type.Object({
  model: Type.Optional(Type.String({ maxLength: 256 })),
  tokens: Type.Array(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }), {
    minItems: 1,
    maxItems: MAX_ATTENTION_TOKENS,
  }),
});

export function registerAttention(app: App, context: AppContext): void {
  app.post(
    "/playground/attention",
    { schema: { body, hide: true } },
    async (request, reply): Promise<AttentionAnswer> => {
      const model = findModel(context, request.body.model);
      const { attention } = model;
      if (attention === undefined) {
        throw new EngineError("unsupported", "the model was exported without its attention");
      }
      const { tokens } = tokenPrompt(model, request.body.tokens);
      const origin = { requestId: request.id, client: clientOf(context, request) };
      return answered(await attention.attention({ ...origin, tokens }, disconnectSignal(reply)), tokens.length);
    },
  );
}

/** Shares to four digits behind the point: a shade shows no more. */
function answered({ layers, heads, weights }: AttentionWeights, length: number): AttentionAnswer {
  const row = (layer: number, head: number): number[] => {
    const begin = (layer * heads + head) * length;
    return Array.from(weights.subarray(begin, begin + length), (weight) => Math.round(weight * 1e4) / 1e4);
  };
  return {
    layers,
    heads,
    weights: Array.from({ length: layers }, (_, layer) => Array.from({ length: heads }, (_, head) => row(layer, head))),
  };
}

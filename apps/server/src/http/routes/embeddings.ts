/**
 * `POST /v1/embeddings`: texts as vectors of length 1, the mean of the last hidden states of their tokens.
 *
 * Texts begin with the model's begin token, as prompts do. A model that was exported without hidden states has none.
 *
 * @see https://platform.openai.com/docs/api-reference/embeddings
 */

import { type Static, Type } from "typebox";
import type { ServedModel } from "../../model/servedModel.ts";
import type { AppContext, AppSettings } from "../appContext.ts";
import type { App } from "../buildApp.ts";
import { clientOf } from "../client.ts";
import { disconnectSignal } from "../disconnect.ts";
import { HttpError } from "../errors.ts";
import { findModel } from "../findModel.ts";
import { promptsOf } from "../generation/promptTokens.ts";
import { dropNulls } from "../requests/refusedFields.ts";

const tokenIds = Type.Array(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }), { minItems: 1 });

function embeddingRequest({ maxPrompts }: AppSettings) {
  return Type.Object({
    model: Type.Optional(Type.String({ maxLength: 256, description: "The first model that is served where absent." })),
    input: Type.Union([
      Type.String({ minLength: 1 }),
      Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: maxPrompts }),
      tokenIds,
      Type.Array(tokenIds, { minItems: 1, maxItems: maxPrompts }),
    ]),
    encoding_format: Type.Optional(
      Type.Union([Type.Literal("float"), Type.Literal("base64")], {
        description: "base64 is that of float32, little-endian; float where absent.",
      }),
    ),
    dimensions: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, description: "The model's own: vectors are given whole." }),
    ),
  });
}

type EmbeddingRequest = Static<ReturnType<typeof embeddingRequest>>;

export function registerEmbeddings(app: App, context: AppContext): void {
  const { settings } = context;
  const schema = { body: embeddingRequest(settings), summary: "Makes vectors of texts.", tags: ["embeddings"] };
  app.post("/v1/embeddings", { schema, preValidation: dropNulls }, async (request, reply) => {
    const { body } = request;
    const model = findModel(context, body.model);
    checkDimensions(body, model);
    const prompts = await promptsOf(model, body.input, { beginning: true });
    const signal = disconnectSignal(reply);
    const origin = {
      requestId: request.id,
      client: clientOf(context, request),
      deadline: Date.now() + settings.requestTimeoutSeconds * 1000,
    };
    const data: object[] = [];
    // One after the other: a request of many texts is one client's turn, not many.
    for (const [index, { tokens: prompt }] of prompts.entries()) {
      const embedding = normalized(await model.engine.embed({ ...origin, prompt }, signal));
      data.push({
        object: "embedding",
        index,
        embedding: body.encoding_format === "base64" ? base64(embedding) : [...embedding],
      });
    }
    const promptTokens = prompts.reduce((sum, { tokens }) => sum + tokens.length, 0);
    return {
      object: "list",
      data,
      model: model.id,
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    };
  });
}

function checkDimensions({ dimensions }: EmbeddingRequest, { id, engine: { embeddingSize } }: ServedModel): void {
  if (embeddingSize === undefined) {
    throw new HttpError(400, `model: ${JSON.stringify(id)} was exported without embeddings`, {
      code: "unsupported",
      param: "model",
    });
  }
  if (dimensions === undefined || dimensions === embeddingSize) return;
  throw new HttpError(400, `dimensions: expected ${embeddingSize}, the model's own, got ${dimensions}`, {
    param: "dimensions",
  });
}

/** `vector / |vector|`, so that cosines are dot products; zeros stay zeros. */
function normalized(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return norm === 0 ? vector : vector.map((value) => value / norm);
}

function base64(vector: Float32Array): string {
  const bytes = Buffer.alloc(4 * vector.length);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, 4 * index);
  return bytes.toString("base64");
}

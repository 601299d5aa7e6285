/**
 * `GET /v1/models` and `GET /v1/models/{model}`: what is served here.
 *
 * @see https://platform.openai.com/docs/api-reference/models
 */

import { Type } from "typebox";
import type { ServedModel } from "../../model/servedModel.ts";
import type { AppContext } from "../appContext.ts";
import type { App } from "../buildApp.ts";
import { findModel } from "../findModel.ts";

const params = Type.Object({ model: Type.String({ description: "The name of a model, as the list has it" }) });

export function registerModels(app: App, context: AppContext): void {
  const tags = ["models"];
  app.get("/v1/models", { schema: { tags, summary: "Lists the models." } }, () => ({
    object: "list",
    data: [...context.models.values()].map(described),
  }));
  app.get("/v1/models/:model", { schema: { tags, params, summary: "Describes a model." } }, (request) =>
    described(findModel(context, request.params.model)),
  );
}

function described({ id, created, engine }: ServedModel): object {
  return { id, object: "model", created, owned_by: "llm-learning", max_model_len: engine.blockSize };
}

/**
 * `GET /v1/models` and `GET /v1/models/{model}`: what is served here.
 *
 * @see https://platform.openai.com/docs/api-reference/models
 */

import type { ServedModel } from "../../model/servedModel.ts";
import type { AppContext } from "../appContext.ts";
import type { App } from "../buildApp.ts";

export function registerModels(app: App, { models }: AppContext): void {
  app.get("/v1/models", () => ({ object: "list", data: [...models.values()].map(described) }));
}

function described({ id, created, engine }: ServedModel): object {
  return { id, object: "model", created, owned_by: "llm-learning", max_model_len: engine.blockSize };
}

/**
 * The model that a request names.
 */

import type { ServedModel } from "../model/servedModel.ts";
import type { AppContext } from "./appContext.ts";
import { HttpError } from "./errors.ts";

/**
 * @param id - As the request has it; the first model answers where it names none.
 * @throws HttpError 503 while models load and while the server drains; 404 for a model that is not served.
 */
export function findModel({ models, isReady, measured }: AppContext, id: string | undefined): ServedModel {
  if (!isReady()) {
    throw new HttpError(503, "the server is starting or shutting down", { code: "unavailable", retryAfter: 1 });
  }
  const [first] = models.values();
  const model = id === undefined ? first : models.get(id);
  if (model !== undefined) return measured?.(model) ?? model;
  const known = [...models.keys()].map((name) => JSON.stringify(name)).join(", ");
  throw new HttpError(404, `model: expected one of ${known}, got ${JSON.stringify(id)}`, {
    code: "model_not_found",
    param: "model",
  });
}

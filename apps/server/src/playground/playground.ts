/**
 * The playground: a page at `/` for people, over routes of its own. The page's files are for everybody; what they ask for takes a key
 * wherever the API does.
 */

import type { AppContext } from "../http/appContext.ts";
import type { App } from "../http/buildApp.ts";
import type { Choice } from "../engine/engine.ts";
import type { ServedModel } from "../model/servedModel.ts";
import { registerAttention } from "./attentionRoute.ts";
import { registerGenerate } from "./generateRoute.ts";
import { playgroundFiles } from "./playgroundFiles.ts";
import type { PlaygroundModel, Sampling } from "./protocol.ts";

/** Not of the API, so not in its document. */
const unlisted: object = { hide: true };

/** Registers the page and its routes. */
export function registerPlayground(app: App, context: AppContext): void {
  for (const { path, type, content, etag } of playgroundFiles()) {
    app.get(path, { schema: unlisted, config: { open: true } }, async (request, reply) => {
      // Asked for each time, sent only where it has changed.
      reply.headers({ etag, "cache-control": "no-cache" });
      if (request.headers["if-none-match"] === etag) return reply.code(304).send();
      return reply.type(type).send(content);
    });
  }
  app.get("/playground/models", { schema: unlisted }, () => ({
    models: [...context.models.values()].map(described),
  }));
  registerGenerate(app, context);
  registerAttention(app, context);
}

function described({ id, engine, attention, defaults }: ServedModel): PlaygroundModel {
  const { blockSize, vocabSize } = engine;
  return { id, blockSize, vocabSize, attention: attention !== undefined, defaults: samplingOf(defaults) };
}

/** A choice under the names of the API. */
function samplingOf(choice: Choice): Sampling {
  const { temperature, topP, topK, minP, repetitionPenalty, frequencyPenalty, presencePenalty } = choice;
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(minP !== undefined && { min_p: minP }),
    ...(repetitionPenalty !== undefined && { repetition_penalty: repetitionPenalty }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
  };
}

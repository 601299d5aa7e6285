/**
 * The HTTP application: routes over models, without listening yet.
 */

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { type FastifyBaseLogger, type FastifyInstance, type RawServerDefault } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AppContext } from "./appContext.ts";
import { registerErrors, sendError } from "./errors.ts";
import { registerChatCompletions } from "./routes/chatCompletions.ts";
import { registerCompletions } from "./routes/completions.ts";
import { registerModels } from "./routes/models.ts";
import { registerPlayground } from "../playground/playground.ts";
import { ajvOptions } from "./schemaErrors.ts";

/** A fastify instance whose routes are typed by their schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** @returns an app to `listen` or to `inject` into; `close` it afterwards. */
export async function buildApp(context: AppContext): Promise<App> {
  const app: App = fastify({
    bodyLimit: context.settings.maxBodyBytes,
    ajv: { customOptions: ajvOptions },
    frameworkErrors: sendError,
  }).withTypeProvider<TypeBoxTypeProvider>();
  registerErrors(app);
  registerModels(app, context);
  registerCompletions(app, context);
  registerChatCompletions(app, context);
  if (context.settings.playground) registerPlayground(app, context);
  await app.ready();
  return app;
}

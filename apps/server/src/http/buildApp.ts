/**
 * The HTTP application: routes over models, without listening yet.
 */

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { type FastifyBaseLogger, type FastifyInstance, type RawServerDefault } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AppContext } from "./appContext.ts";
import { registerErrors } from "./errors.ts";
import { registerSurface } from "./registerSurface.ts";
import { RequestReports } from "./requestReports.ts";
import { registerChatCompletions } from "./routes/chatCompletions.ts";
import { registerCompletions } from "./routes/completions.ts";
import { registerEmbeddings } from "./routes/embeddings.ts";
import { registerModels } from "./routes/models.ts";
import { registerPlayground } from "../playground/playground.ts";
import { registerTokenize } from "./routes/tokenize.ts";
import { serverOptions } from "./serverOptions.ts";

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
  const reports = new RequestReports();
  const app: App = fastify(serverOptions(context, reports)).withTypeProvider<TypeBoxTypeProvider>();
  registerErrors(app);
  const measured = await registerSurface(app, context, reports);
  registerModels(app, measured);
  registerCompletions(app, measured);
  registerChatCompletions(app, measured);
  registerTokenize(app, measured);
  registerEmbeddings(app, measured);
  if (context.settings.playground) registerPlayground(app, measured);
  await app.ready();
  return app;
}

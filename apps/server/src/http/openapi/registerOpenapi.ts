/**
 * `GET /openapi.json`: the API as an OpenAPI 3.1 document, made of the schemas that requests are checked against.
 *
 * @see https://spec.openapis.org/oas/v3.1.0
 */

import fastifySwagger from "@fastify/swagger";
import { Type } from "typebox";
import type { AppContext } from "../appContext.ts";
import type { App } from "../buildApp.ts";
import { version } from "../version.ts";
import { answers, streams } from "./answers.ts";
import { errorAnswers, errorSchema } from "./errorAnswers.ts";

/** Register it before the routes that it is to describe; routes with `schema: { hide: true }` are left out. */
export async function registerOpenapi(app: App, { settings }: AppContext): Promise<void> {
  const isGuarded = settings.apiKeys.length > 0;
  await app.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "llm-serve",
        version,
        description: "Exported language models behind the OpenAI API.",
        license: { name: "MIT", identifier: "MIT" },
      },
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer" },
          header: { type: "apiKey", in: "header", name: "x-api-key" },
        },
        schemas: { Error: errorSchema },
      },
      security: isGuarded ? [{ bearer: [] }, { header: [] }] : [],
      tags: [
        { name: "models", description: "What is served" },
        { name: "generation", description: "Texts and conversations continued" },
        { name: "embeddings", description: "Texts as vectors" },
        { name: "tokens", description: "Texts as tokens" },
        { name: "operation", description: "Health and metrics" },
      ],
    },
    convertConstToEnum: false,
    transform: ({ schema, url, route }) => {
      const isOpen = route.config?.open === true;
      const response = {
        200: answerOf(url),
        ...errorAnswers({ hasBody: schema?.body !== undefined, hasParams: schema?.params !== undefined, isOpen }),
      };
      return { schema: { ...schema, response, ...(isOpen && { security: [] }) }, url };
    },
  });
  const route = { config: { open: true }, schema: { hide: true } };
  app.get("/openapi.json", route, () => app.swagger());
}

function answerOf(url: string): object {
  const schema = answers.get(url) ?? Type.Unknown();
  const type = url === "/metrics" ? "text/plain" : "application/json";
  const events = streams.has(url)
    ? {
        "text/event-stream": {
          schema: Type.String({ description: "`data: {...}` for each chunk, `data: [DONE]` last" }),
        },
      }
    : {};
  return { description: "What was asked for", content: { [type]: { schema }, ...events } };
}

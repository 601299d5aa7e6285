/**
 * Pages of other origins: none may call the API, unless the operator names their origin exactly.
 */

import fastifyCors from "@fastify/cors";
import type { App } from "../buildApp.ts";

/** @param origins - Such as `https://example.org`; `*` is no origin. */
export async function registerCors(app: App, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  await app.register(fastifyCors, {
    origin: [...origins],
    methods: ["GET", "POST"],
    allowedHeaders: ["authorization", "content-type", "x-api-key", "x-request-id"],
    exposedHeaders: ["retry-after", "x-request-id"],
    maxAge: 600,
  });
}

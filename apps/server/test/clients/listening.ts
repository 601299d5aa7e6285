/**
 * A server on a free port of this machine, over scripted models, for clients that want a real one.
 */

import { type AppSettings, buildApp, type ServedModel } from "@llm-learning/server";
import { onTestFinished } from "vitest";
import { contextOf } from "../servedModel.ts";

/** @returns the base URL of the API; the server ends with the test. */
export async function listening(models: readonly ServedModel[], settings: Partial<AppSettings> = {}): Promise<string> {
  const app = await buildApp(contextOf(models, settings));
  onTestFinished(async () => {
    // Clients keep connections, also ones that they have not used yet.
    app.server.closeAllConnections();
    await app.close();
  });
  return `${await app.listen({ host: "127.0.0.1", port: 0 })}/v1`;
}

/** Everything that a stream gives. */
export async function collected<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

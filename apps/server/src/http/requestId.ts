/**
 * The id of a request, in logs and in the header `x-request-id` of its answer: the caller's own where it is harmless, else a new one.
 */

import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { App } from "./buildApp.ts";

/**
 * @param isTaken - Whether a request of that id is being answered: two at a time would be mistaken for each other.
 * @returns the caller's `x-request-id` if it is 1 to 128 of the characters A-Z, a-z, 0-9, `.`, `_` and `-`; else a UUID.
 */
export function requestIdOf({ headers }: Pick<IncomingMessage, "headers">, isTaken: (id: string) => boolean): string {
  const id = headers["x-request-id"];
  return typeof id === "string" && /^[A-Za-z0-9._-]{1,128}$/.test(id) && !isTaken(id) ? id : randomUUID();
}

export function registerRequestIds(app: App): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
}

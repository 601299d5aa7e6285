/**
 * Who may ask: a request carries one of the operator's keys, as `Authorization: Bearer KEY` (OpenAI's clients) or as `X-Api-Key: KEY`
 * (which llama.cpp's server takes too).
 *
 * Keys are compared by their SHA-256 hashes, all of them and each in constant time, so that how long an answer takes tells nothing
 * about a key, its length included. Routes with `config: { open: true }` need none: health, the playground's files.
 */

import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { App } from "../buildApp.ts";
import { HttpError } from "../errors.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether a route answers without a key and whatever the `Host`. @defaultValue false */
    open?: boolean;
  }
}

/** Refuses requests without one of the keys with 401, before their body is read; without keys, refuses nothing. */
export function registerApiKeys(app: App, keys: readonly string[]): void {
  if (keys.length === 0) return;
  const isKey = keyCheck(keys);
  app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.config.open === true) return;
    const key = presentedKey(request);
    if (key !== undefined && isKey(key)) return;
    reply.header("www-authenticate", 'Bearer realm="llm-serve"');
    const message =
      key === undefined
        ? "no API key: expected the header Authorization: Bearer KEY"
        : "incorrect API key: it is none of this server's";
    throw new HttpError(401, message, { code: "invalid_api_key" });
  });
}

/** The key that a request carries, right or wrong. */
export function presentedKey({ headers }: Pick<FastifyRequest, "headers">): string | undefined {
  const bearer = /^bearer +(.*)$/i.exec(headers.authorization ?? "")?.[1]?.trim();
  const header = headers["x-api-key"];
  return bearer ?? (typeof header === "string" ? header : undefined);
}

/** A function that says whether a text is one of `keys`, in time that depends on the number of keys alone. */
function keyCheck(keys: readonly string[]): (key: string) => boolean {
  const hashes = keys.map(sha256);
  return (key) => {
    const hash = sha256(key);
    let isKnown = false;
    for (const known of hashes) isKnown = timingSafeEqual(hash, known) || isKnown;
    return isKnown;
  };
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/**
 * Who asks, as far as the engine needs to know: turns are shared among clients, and prefixes are remembered for their own client.
 */

import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { AppContext } from "./appContext.ts";

/** The holder of a key where keys are asked for (by its digest, since this goes into logs), else the address. */
export function clientOf({ settings }: AppContext, { headers, ip }: FastifyRequest): string {
  const { authorization } = headers;
  if (settings.apiKeys.length === 0 || authorization === undefined) return ip;
  return `key-${createHash("sha256").update(authorization).digest("hex").slice(0, 16)}`;
}

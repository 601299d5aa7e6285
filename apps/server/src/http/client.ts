/**
 * Who asks, as far as scheduling is concerned: turns are shared among clients, and prefixes are remembered for their own client only, so
 * nobody learns by how soon an answer begins what the holder of another key asked.
 */

import { createHmac, randomBytes } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { AppContext } from "./appContext.ts";
import { presentedKey } from "./security/apiKeys.ts";

const secret = randomBytes(32);

/**
 * The holder of a key where keys are asked for, else the address: as a keyed hash, since it goes to logs, and those are to tell neither.
 *
 * @returns 16 hexadecimal digits: the same for the same client as long as the process lives.
 */
export function clientOf(
  { settings }: Pick<AppContext, "settings">,
  request: Pick<FastifyRequest, "headers" | "ip">,
): string {
  // Where no key is asked for, one that is presented proves nothing: whoever makes up keys would be many clients.
  const key = settings.apiKeys.length === 0 ? undefined : presentedKey(request);
  const identity = key === undefined ? `address ${request.ip}` : `key ${key}`;
  return createHmac("sha256", secret).update(identity).digest("hex").slice(0, 16);
}

/**
 * Keys, and where a server may listen without any.
 */

import { isIPv4 } from "node:net";
import { readAtMost } from "../model/modelFiles.ts";
import { UsageError } from "../usageError.ts";
import type { Settings } from "./settingsTable.ts";

const MAX_FILE_BYTES = 1 << 16;

/**
 * The keys of the settings and of the file that they name, each once.
 *
 * @throws UsageError where the file has none, or what is no key, and where others could reach a server without keys.
 */
export async function apiKeysOf({ apiKeys, apiKeyFile, host }: Settings): Promise<readonly string[]> {
  const all = [...new Set([...apiKeys, ...(apiKeyFile === undefined ? [] : await keysIn(apiKeyFile))])];
  if (all.length > 0 || isLoopback(host)) return all;
  throw new UsageError(
    `expected --api-key or --api-key-file with --host ${host}, which others can reach, got none; ` +
      "without a key the server listens on 127.0.0.1 only",
  );
}

async function keysIn(path: string): Promise<string[]> {
  const lines = (await readAtMost(path, MAX_FILE_BYTES)).toString("utf8").split(/\r?\n/);
  const keys = lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  if (keys.length === 0) throw new UsageError(`expected a key on a line of ${JSON.stringify(path)}, got none`);
  const wrong = keys.findIndex((key) => !/^[\x21-\x7e]{1,512}$/.test(key));
  if (wrong === -1) return keys;
  throw new UsageError(
    `expected keys of 1 to 512 printable ASCII characters without spaces in ${JSON.stringify(path)}, got another as key ${wrong + 1}`,
  );
}

/** Whether only this machine can reach an address. Names other than localhost may lead anywhere. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

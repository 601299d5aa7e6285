/**
 * Directories that a user names, runs and models: written by this program or by anybody. A file in them is read only where it is one, and
 * no larger than such a file should be.
 */

import { stat } from "node:fs/promises";
import { readWholeFile } from "@llm-learning/datasets/node";
import { UsageError } from "./usageError.ts";

export type DirectoryKind = "run" | "model" | "data";

/** @throws UsageError where there is no such directory. */
export async function expectDirectory(kind: DirectoryKind, path: string): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory() === true) return;
  const got = info === undefined ? "which does not exist" : "which is a file";
  throw new UsageError(`expected a ${kind} directory, got ${JSON.stringify(path)}, ${got}`);
}

/** The bytes of a file in a directory. @throws UsageError where it is missing, too large or unreadable. */
export async function readBytesIn(kind: DirectoryKind, path: string, maxBytes: number): Promise<Uint8Array> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile() !== true) {
    throw new UsageError(`expected a ${kind} directory with ${JSON.stringify(path)}, got none`);
  }
  if (info.size > maxBytes) {
    throw new UsageError(`expected at most ${maxBytes} bytes in ${JSON.stringify(path)}, got ${info.size}`);
  }
  try {
    return await readWholeFile(path);
  } catch (cause) {
    throw new UsageError(`expected a readable ${JSON.stringify(path)}, got ${(cause as Error).message}`, { cause });
  }
}

/** The text of a file in a directory, UTF-8. @throws UsageError as {@link readBytesIn}. */
export async function readTextIn(kind: DirectoryKind, path: string, maxBytes: number): Promise<string> {
  return Buffer.from(await readBytesIn(kind, path, maxBytes)).toString("utf8");
}

/** Far deeper than what such files hold, and far above what could overflow the stack of a reader. */
const MAX_JSON_DEPTH = 64;

/** @throws UsageError where `text` is not JSON, or nests too deep. */
export function parseJson(text: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const shown = text.length <= 40 ? text : `${text.slice(0, 40)}…`;
    throw new UsageError(`expected JSON, got ${JSON.stringify(shown)}`, { cause });
  }
  expectShallow(json);
  return json;
}

/** Before anything walks through it: V8 reads JSON of any depth, but writes and compares only what its stack holds. @throws UsageError */
export function expectShallow(json: unknown): void {
  let level = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_JSON_DEPTH) throw new UsageError(`expected JSON of at most ${MAX_JSON_DEPTH} levels, got more`);
    const objects = level.filter((value) => typeof value === "object" && value !== null);
    level = objects.flatMap((value) => Object.values(value as object) as unknown[]);
  }
}

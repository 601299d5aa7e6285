/**
 * Directories that a user names, runs and models: written by this program or by anybody. A file in them is read only where it is one, and
 * no larger than such a file should be.
 */

import { stat } from "node:fs/promises";
import { readWholeFile } from "@llm-learning/datasets/node";
import { UsageError } from "./usageError.ts";

export type DirectoryKind = "run" | "model";

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

/** @throws UsageError where `text` is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const shown = text.length <= 40 ? text : `${text.slice(0, 40)}…`;
    throw new UsageError(`expected JSON, got ${JSON.stringify(shown)}`, { cause });
  }
}

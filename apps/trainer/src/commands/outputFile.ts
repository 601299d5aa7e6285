/**
 * A file that a command writes because `--out` says so.
 */

import { stat } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { makeDirectory } from "@llm-learning/datasets/node";
import { UsageError } from "../usageError.ts";

/**
 * Makes its folder before there is anything to write: hours of work must not end at a path that cannot be.
 *
 * @param extension - That the name has to end in, such as `.svg`: no other file is overwritten by a slip of the hand.
 * @throws UsageError
 */
export async function prepareOutputFile(path: string, extension: string): Promise<void> {
  if (extname(path).toLowerCase() !== extension) {
    throw new UsageError(`expected --out to end in ${extension}, got ${JSON.stringify(path)}`);
  }
  const unwritable = (got: string, cause?: unknown): UsageError =>
    new UsageError(`expected --out to be a file that can be written, got ${JSON.stringify(path)} (${got})`, { cause });
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory() === true) throw unwritable("a folder");
  try {
    await makeDirectory(dirname(path));
  } catch (cause) {
    throw unwritable((cause as NodeJS.ErrnoException).code ?? (cause as Error).message, cause);
  }
}

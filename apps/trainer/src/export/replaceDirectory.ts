/**
 * Writes a directory as one step: whoever looks finds the old content or the new, never a part.
 *
 * The files are written and synced under a temporary name beside the target, which is then renamed into place. Where an older
 * directory has to make way, it is renamed aside first (no portable call swaps two directories) and put back should the
 * second rename fail.
 */

import { randomUUID } from "node:crypto";
import { open, realpath, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type FileContent, makeDirectory } from "@llm-learning/datasets/node";

export interface ReplaceOptions {
  /** Gives up, before the directory is in its place. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Puts a directory of `files` in the place of `path`.
 *
 * @param path - The directory; missing parents are made.
 * @param files - Content by path within the directory, with `/`: written in this order, the next asked for when the last is on the disk,
 * so that no two have to be in memory.
 * @returns the bytes of each file.
 * @throws Error of the system if something cannot be written, the reason of `signal` once it is aborted; what stood at `path` is then
 * still there.
 */
export async function replaceDirectory(
  path: string,
  files: Iterable<readonly [path: string, content: FileContent]>,
  { signal }: ReplaceOptions = {},
): Promise<Map<string, number>> {
  // A link to a directory stays a link: what it points to is replaced.
  const target = await realpath(path).catch(() => resolve(path));
  const parent = dirname(target);
  await makeDirectory(parent);
  const temporary = join(parent, `.${basename(target)}.${randomUUID()}.tmp`);
  const aside = `${temporary}.old`;
  const sizes = new Map<string, number>();
  try {
    for (const [name, content] of files) {
      sizes.set(name, await writeSynced(join(temporary, ...name.split("/")), content, signal));
    }
    signal?.throwIfAborted();
    const hadOlder = await rename(target, aside).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return false;
        throw error;
      },
    );
    try {
      await rename(temporary, target);
    } catch (error) {
      if (hadOlder) await rename(aside, target);
      throw error;
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  await rm(aside, { recursive: true, force: true });
  return sizes;
}

/** Writes a file to the disk; the bytes that it has. */
async function writeSynced(path: string, content: FileContent, signal: AbortSignal | undefined): Promise<number> {
  await makeDirectory(dirname(path));
  const file = await open(path, "wx");
  try {
    await writeFile(file, content, { signal });
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

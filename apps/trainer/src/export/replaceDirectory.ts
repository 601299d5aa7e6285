/**
 * Writes a directory as one step: whoever looks finds the old content or the new, never a part.
 *
 * The files are written and synced under a temporary name beside the target, which is then renamed into place. Where an older
 * directory has to make way, it is renamed aside first (no portable call swaps two directories) and put back should the
 * second rename fail.
 */

import { randomUUID } from "node:crypto";
import { open, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { makeDirectory } from "@llm-learning/datasets/node";

/**
 * Puts a directory of `files` in the place of `path`.
 *
 * @param path - The directory; missing parents are made.
 * @param files - Content by path within the directory, with `/`.
 * @throws Error of the system if something cannot be written; what stood at `path` is then still there.
 */
export async function replaceDirectory(path: string, files: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
  // A link to a directory stays a link: what it points to is replaced.
  const target = await realpath(path).catch(() => resolve(path));
  const parent = dirname(target);
  await makeDirectory(parent);
  const temporary = join(parent, `.${basename(target)}.${randomUUID()}.tmp`);
  const aside = `${temporary}.old`;
  try {
    for (const [name, content] of files) await writeSynced(join(temporary, ...name.split("/")), content);
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
}

async function writeSynced(path: string, content: Uint8Array | string): Promise<void> {
  await makeDirectory(dirname(path));
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

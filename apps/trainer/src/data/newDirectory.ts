/**
 * A directory that appears as a whole or not at all: it is filled under another name beside its place, and renamed.
 */

import { randomUUID } from "node:crypto";
import { lstat, mkdir, readdir, realpath, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { makeDirectory, syncFolder } from "@llm-learning/datasets/node";
import { noRoomReason } from "../run/noRoom.ts";
import { UsageError } from "../usageError.ts";

/**
 * Fills a new directory.
 *
 * @param path - Where it will be: nothing, or an empty directory, or a link to one, which stays a link. Not the working directory:
 * whoever works in it would be left in one that is gone.
 * @param fill - Puts files into the directory that it is given, each complete and synced.
 * @throws UsageError where something is there, or nothing can be; Error where the disk is full; the error of `fill`. Nothing is left then.
 */
export async function inNewDirectory<T>(path: string, fill: (folder: string) => Promise<T>): Promise<T> {
  await expectFree(path);
  const target = await realpath(path).catch(() => resolve(path));
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    await makeDirectory(dirname(target));
    await mkdir(temporary);
  } catch (cause) {
    throw notWritable(path, cause);
  }
  try {
    const result = await fill(temporary);
    // An empty directory is not everywhere replaced by a rename.
    await rmdir(target).catch(() => undefined);
    await rename(temporary, target);
    await syncFolder(dirname(target));
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    const reason = noRoomReason(error);
    if (reason === undefined) throw error;
    throw new Error(`expected room for the files of ${JSON.stringify(path)}, got ${reason}`, { cause: error });
  }
}

async function expectFree(path: string): Promise<void> {
  if (path === "") throw new UsageError('expected --out to be a new or empty directory, got ""');
  let names: string[];
  try {
    names = await readdir(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return expectNoLink(path);
    throw code === "ENOTDIR"
      ? new UsageError(`expected --out to be a new or empty directory, got ${JSON.stringify(path)}, a file`)
      : notWritable(path, cause);
  }
  if (names.length > 0) {
    throw new UsageError(
      `expected --out to be a new or empty directory, got ${JSON.stringify(path)}, which holds files: choose another`,
    );
  }
  if ((await realpath(path)) === (await realpath("."))) {
    throw new UsageError(
      `expected --out to be a new or empty directory, got ${JSON.stringify(path)}, the working directory: choose another`,
    );
  }
}

/** A link that leads nowhere is not there for who looks through it, and yet in the way. */
async function expectNoLink(path: string): Promise<void> {
  const info = await lstat(path).catch(() => undefined);
  if (info?.isSymbolicLink() !== true) return;
  throw new UsageError(
    `expected --out to be a new or empty directory, got ${JSON.stringify(path)}, a link that leads nowhere: delete it, or choose another`,
  );
}

function notWritable(path: string, cause: unknown): UsageError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new UsageError(
    `expected --out where a directory can be written, got ${JSON.stringify(path)} (${code ?? message})`,
    { cause },
  );
}

/**
 * What a trainer that was killed leaves in a run directory: files under the temporary names that they are written by. Nobody reads
 * them, and each may be as large as a checkpoint. Whoever holds the run's lock may delete them; those of other commands, which
 * take no lock, are let be.
 */

import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RunPaths } from "./runPaths.ts";

/** `.NAME.ID.tmp`, and of a directory that had to make way `.NAME.ID.tmp.old`: see writeFileAtomic and replaceDirectory. */
const temporaryName = /^\.(.+)\.[\da-f]{8}-[\da-f-]{27}\.tmp(\.old)?$/;

/** Deletes what killed trainers left. A model directory that was moved aside, and no other put in its place, is moved back. */
export async function clearLeftovers(paths: RunPaths): Promise<void> {
  const { root, checkpoints, lock, config, tokenizer, conventions, baseline, last, best, model } = paths;
  const own = new Set([lock, config, tokenizer, conventions, baseline, last, best, model]);
  for (const folder of [root, checkpoints]) {
    for (const name of await readdir(folder).catch((): string[] => [])) {
      const path = join(folder, baseOfTemporary(name) ?? name);
      if (path === join(folder, name) || !own.has(path)) continue;
      if (name.endsWith(".old") && (await isMissing(path))) await rename(join(folder, name), path);
      else await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** The name of the file that a temporary one was to become; undefined of other names. */
export function baseOfTemporary(name: string): string | undefined {
  return temporaryName.exec(name)?.[1];
}

async function isMissing(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) === undefined;
}

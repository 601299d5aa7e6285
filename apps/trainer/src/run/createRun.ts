/**
 * Makes the directory of a new run, and never writes over anything. `config.json` comes last: a directory with it is a run, one
 * without it in which a killed trainer's lock lies is none, and is begun anew.
 */

import { constants } from "node:fs";
import { access, mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { makeDirectory, writeFileAtomic } from "@llm-learning/datasets/node";
import type { Tokenizer } from "@llm-learning/tokenizers";
import type { TrainConfig } from "../config/trainConfig.ts";
import { UsageError } from "../usageError.ts";
import type { Run } from "./openRun.ts";
import { baseOfTemporary } from "./leftovers.ts";
import { lockRun } from "./runLock.ts";
import { type RunPaths, runPaths } from "./runPaths.ts";

const runEntries: readonly string[] = ["config.json", "metrics.jsonl", "checkpoints", "tokenizer.json"];

/** What there may be before there is a `config.json`; no `metrics.jsonl`, which tells of training. */
const unfinishedEntries: readonly string[] = [".lock", "checkpoints", "conventions.json", "tokenizer.json"];

/**
 * Where a new run may go: `out`, or where that is undefined the first of `runs/NAME`, `runs/NAME-2`, ... that is free.
 *
 * Writes nothing.
 *
 * @throws UsageError where `out` is a file, holds anything, or cannot be written to.
 */
export async function chooseRunDirectory(out: string | undefined, name: string): Promise<string> {
  if (out !== undefined) {
    await expectFree(out);
    return out;
  }
  for (let count = 1; ; count++) {
    const candidate = join("runs", count === 1 ? name : `${name}-${count}`);
    if (await isFree(candidate)) {
      await expectFree(candidate);
      return candidate;
    }
  }
}

/**
 * Creates the directory with its configuration and tokenizer, locked. Where that fails, nothing is left in it.
 *
 * @param fill - Writes what else a run begins with: before `config.json`, without which it is none.
 * @returns the run, and what unlocks it.
 * @throws UsageError as {@link chooseRunDirectory}.
 */
export async function createRun(
  root: string,
  { config, tokenizer }: { config: TrainConfig; tokenizer: Tokenizer },
  fill?: (paths: RunPaths) => Promise<void>,
): Promise<{ run: Run; release: () => void }> {
  await expectFree(root);
  const paths = runPaths(root);
  let release: () => void;
  try {
    await makeDirectory(root);
    release = await lockRun(paths.lock);
  } catch (error) {
    throw asNotWritable(root, error);
  }
  try {
    // Again, since another trainer may have made its run here meanwhile.
    await expectFree(root);
    await clear(root);
  } catch (error) {
    release();
    throw asNotWritable(root, error);
  }
  try {
    await mkdir(paths.checkpoints);
    await writeFileAtomic(paths.tokenizer, `${JSON.stringify(tokenizer.toJSON(), null, 2)}\n`);
    await fill?.(paths);
    await writeConfig(paths.config, config);
  } catch (error) {
    await clear(root).catch(() => undefined);
    release();
    throw asNotWritable(root, error);
  }
  return { run: { config, tokenizer, paths }, release };
}

/** Empties a directory that this process has just made, or that was none of a run yet; the lock stays. */
async function clear(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (name !== ".lock") await rm(join(root, name), { recursive: true, force: true });
  }
}

/** Writes a run's `config.json`. */
export async function writeConfig(path: string, config: TrainConfig): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(config, null, 2)}\n`);
}

/** Whether nothing is there, or an empty folder; what keeps us from knowing is for `expectFree` to say. */
async function isFree(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return true;
  return info.isDirectory() && (await readdir(path).catch(() => [])).length === 0;
}

/** Whether what is in a directory is what a trainer leaves that was killed before the run was made. */
function isUnfinished(entries: readonly string[]): boolean {
  const isOurs = (name: string): boolean => {
    const base = baseOfTemporary(name);
    return unfinishedEntries.includes(base ?? name) || base === "config.json";
  };
  return entries.includes(".lock") && entries.every(isOurs);
}

async function expectFree(root: string): Promise<void> {
  const name = JSON.stringify(root);
  let entries: string[];
  try {
    entries = await readdir(root);
    entries = isUnfinished(entries) ? [] : entries.filter((entry) => entry !== ".lock");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return expectWritableParent(root);
    if (code === "ENOTDIR") throw new UsageError(`expected a new or empty directory for the run, got ${name}, a file`);
    throw asNotWritable(root, error);
  }
  if (entries.some((entry) => runEntries.includes(entry))) {
    throw new UsageError(
      `expected a new or empty directory for the run, got ${name}, which holds a run: continue it with --resume, or choose another --out`,
    );
  }
  if (entries.length > 0) {
    throw new UsageError(
      `expected a new or empty directory for the run, got ${name}, which holds other files: choose another --out`,
    );
  }
  await access(root, constants.W_OK).catch((error: unknown) => {
    throw asNotWritable(root, error);
  });
}

/** The nearest folder above that exists is the one in which the others will be made. */
async function expectWritableParent(root: string): Promise<void> {
  for (let folder = dirname(resolve(root)); ; folder = dirname(folder)) {
    const info = await stat(folder).catch((error: NodeJS.ErrnoException) => error);
    if (info instanceof Error) {
      if (info.code === "ENOENT" && folder !== dirname(folder)) continue;
      throw asNotWritable(root, info);
    }
    if (!info.isDirectory()) {
      throw new UsageError(
        `expected a directory for the run, got ${JSON.stringify(root)}, where ${JSON.stringify(folder)} is a file`,
      );
    }
    return access(folder, constants.W_OK | constants.X_OK).catch((error: unknown) => {
      throw asNotWritable(root, error);
    });
  }
}

function asNotWritable(root: string, cause: unknown): Error {
  if (cause instanceof UsageError) return cause;
  const error = cause as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
  const reason = error.code ?? error.cause?.code ?? error.message;
  return new UsageError(`expected a directory that can be written to, got ${JSON.stringify(root)} (${reason})`, {
    cause,
  });
}

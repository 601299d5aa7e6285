/**
 * One trainer for one run: a lock file with the trainer's process id. A lock whose process is gone counts for nothing.
 */

import { unlinkSync } from "node:fs";
import { readFile, unlink, writeFile } from "node:fs/promises";
import { UsageError } from "../usageError.ts";

/** Locks that this process holds: its own id in a file left by an earlier process of that id is no lock. */
const held = new Set<string>();

/**
 * Takes the lock.
 *
 * @returns what gives it back; it is given back when the process exits, too.
 * @throws UsageError where another process has it.
 */
export async function lockRun(path: string): Promise<() => void> {
  await create(path);
  held.add(path);
  const release = (): void => {
    process.off("exit", release);
    if (!held.delete(path)) return;
    try {
      unlinkSync(path);
    } catch {
      // Whoever deleted the run while it was trained deleted the lock with it.
    }
  };
  process.on("exit", release);
  return release;
}

async function create(path: string): Promise<void> {
  for (;;) {
    try {
      await writeFile(path, `${process.pid}\n`, { flag: "wx" });
      return;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== "EEXIST") {
        const reason = `expected a run directory that can be written to, got ${JSON.stringify(path)} (${code ?? message})`;
        throw new UsageError(reason, { cause: error });
      }
    }
    const holder = Number((await readFile(path, "utf8").catch(() => "")).trim());
    if (held.has(path) || (holder !== process.pid && isAlive(holder))) {
      throw new UsageError(
        `expected a run that nobody is training, got ${JSON.stringify(path)} of process ${holder}: ` +
          "wait for it, or delete that file if there is no such trainer",
      );
    }
    await unlink(path).catch(() => undefined);
  }
}

function isAlive(id: number): boolean {
  if (!Number.isSafeInteger(id) || id < 1) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

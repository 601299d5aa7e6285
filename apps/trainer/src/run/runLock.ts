/**
 * One trainer for one run: a lock file with the trainer's process id, and where the system tells it when that process began, since
 * ids are used again: in a container that is started anew, at once. A lock whose process is gone counts for nothing.
 */

import { readFileSync, unlinkSync } from "node:fs";
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
      const began = beginningOf(process.pid);
      await writeFile(path, `${process.pid}${began === undefined ? "" : ` ${began}`}\n`, { flag: "wx" });
      return;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== "EEXIST") {
        const reason = `expected a run directory that can be written to, got ${JSON.stringify(path)} (${code ?? message})`;
        throw new UsageError(reason, { cause: error });
      }
    }
    const [id, began] = (await readFile(path, "utf8").catch(() => "")).trim().split(" ");
    const holder = Number(id);
    const isSame = began === undefined || began === beginningOf(holder);
    if (held.has(path) || (holder !== process.pid && isAlive(holder) && isSame)) {
      throw new UsageError(
        `expected a run that nobody is training, got ${JSON.stringify(path)} of process ${holder}: ` +
          "wait for it, or delete that file if there is no such trainer",
      );
    }
    await unlink(path).catch(() => undefined);
  }
}

/** When a process began, in clock ticks since the system did; undefined where there is none or nothing tells (only Linux does). */
function beginningOf(id: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${id}/stat`, "utf8");
    // The name of the program, in parentheses, may hold anything; what follows are fields 3, 4, ... of which this is the 22nd.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
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

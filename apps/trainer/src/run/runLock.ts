/**
 * One trainer for one run: a lock file with the trainer's process id, and where the system tells it when that process began, since
 * ids are used again: in a container that is started anew, at once. A lock whose process is gone counts for nothing.
 */

import { randomUUID } from "node:crypto";
import { readFileSync, unlinkSync } from "node:fs";
import { readFile, rename, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UsageError } from "../usageError.ts";

/** Longest time between the making of a lock and its first word, in milliseconds. */
const WRITE_MS = 100;

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
    const text = await readLock(path);
    const [id, began] = text.trim().split(" ");
    const holder = Number(id);
    const isSame = began === undefined || began === beginningOf(holder);
    if (held.has(path) || (holder !== process.pid && isAlive(holder) && isSame)) {
      throw new UsageError(
        `expected a run that nobody is training, got ${JSON.stringify(path)} of process ${holder}: ` +
          "wait for it, or delete that file if there is no such trainer",
      );
    }
    await clear(path, text);
  }
}

/** What a lock says. One that says nothing has been made this instant by another trainer, or by one that was killed in that instant. */
async function readLock(path: string): Promise<string> {
  const read = (): Promise<string> => readFile(path, "utf8").catch(() => "");
  const text = await read();
  if (text !== "") return text;
  await delay(WRITE_MS);
  return read();
}

/** Takes away the lock that says `text`; one that another trainer has put in its place meanwhile is put back. */
async function clear(path: string, text: string): Promise<void> {
  const aside = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await rename(path, aside);
    if ((await readFile(aside, "utf8")) === text) await unlink(aside);
    else await rename(aside, path);
  } catch {
    // Another trainer was faster; the next look shows whose lock there is.
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

// One command at a time: a lock file that names its owner's process, so that a lock left by a killed command is not
// waited for. It protects what two commands would both write (node_modules, dist), not the running of programs.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { toolsFolder } from "./paths.mjs";

const lockFile = join(toolsFolder, "lock");

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(work) {
  mkdirSync(toolsFolder, { recursive: true });
  for (let said = false; !create(lockFile); await sleep(200)) {
    const owner = ownerOf(lockFile);
    if (owner === "gone") {
      takeAway();
    } else if (!said) {
      said = true;
      process.stderr.write(`Waiting for another command in this folder (process ${owner}) …\n`);
    }
  }
  const release = () => rmSync(lockFile, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

/** @param {string} file */
function create(file) {
  try {
    writeFileSync(file, `${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * @param {string} file
 * @returns {number | "gone" | "unknown"}
 */
function ownerOf(file) {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    // The file exists for a moment before its text does.
    if (pid === 0) return Date.now() - statSync(file).mtimeMs > 5000 ? "gone" : "unknown";
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    return code === "ESRCH" ? "gone" : "unknown";
  }
}

/** Removes a lock whose owner is gone. Only one of the waiting commands may do so, or the second would remove the first one's new lock. */
function takeAway() {
  const turn = `${lockFile}.turn`;
  if (create(turn)) {
    if (ownerOf(lockFile) === "gone") rmSync(lockFile, { force: true });
    rmSync(turn, { force: true });
  } else if (ownerOf(turn) === "gone") {
    rmSync(turn, { force: true });
  }
}

// Child processes as quiet steps: one line with its seconds when all went well, the whole output when not.
import { spawn } from "node:child_process";
import { root } from "./paths.mjs";

/** A step that failed and has already said why: the command stops without a stack trace. */
export class StepFailure extends Error {}

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

// A terminal sends Ctrl-C to the whole group, `kill` only to us: pass it on, and leave nothing running behind.
for (const [signal, status] of /** @type {const} */ ([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
])) {
  process.on(signal, function stop() {
    // Without a child the listener must not keep this process from dying: whoever runs in it next decides for itself.
    if (running.size === 0 && process.listenerCount(signal) > 1) return;
    for (const child of running) child.kill(signal);
    process.exit(status);
  });
}

/**
 * @typedef {object} Command
 * @property {string} file the program
 * @property {string[]} args
 * @property {string} [cwd] the repository's root by default
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [shell] true only for Windows' .cmd files
 */

/**
 * @param {Command} command
 * @returns {Promise<{ status: number, output: string }>} the exit status, and both streams together
 */
export function capture({ file, args, cwd = root, env = process.env, shell = false }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, shell, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    /** @type {Buffer[]} */
    const chunks = [];
    running.add(child);
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    const finish = (/** @type {number} */ status, extra = "") => {
      running.delete(child);
      resolve({ status, output: Buffer.concat(chunks).toString() + extra });
    };
    child.on("error", (error) => finish(1, `${file}: ${error.message}\n`));
    child.on("close", (code) => finish(code ?? 1));
  });
}

/**
 * Runs a command on our own terminal.
 *
 * @param {Command} command
 * @returns {Promise<number>} its exit status
 */
export function attach({ file, args, cwd = root, env = process.env, shell = false }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, shell, stdio: "inherit" });
    running.add(child);
    const finish = (/** @type {number} */ status) => {
      running.delete(child);
      resolve(status);
    };
    child.on("error", (error) => {
      console.error(`${file}: ${error.message}`);
      finish(1);
    });
    child.on("close", (code) => finish(code ?? 1));
  });
}

/**
 * Says what it does, does it, and says how long that took. The work returns the output to show if it failed, and
 * nothing if it succeeded.
 *
 * @param {string} title
 * @param {() => Promise<string | undefined>} work
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function step(title, work) {
  const start = performance.now();
  // Standard error, so that `npm start --silent -- --json > file` holds the document alone.
  process.stderr.write(`${title} … `);
  const output = await work();
  const seconds = (performance.now() - start) / 1000;
  process.stderr.write(`${output === undefined ? "" : "failed, "}${seconds.toFixed(seconds < 10 ? 1 : 0)} s\n`);
  if (output !== undefined) process.stderr.write(`${output.trimEnd()}\n\n`);
  return output === undefined;
}

/**
 * The work of a step that is a list of commands, one after the other.
 *
 * @param {Command[]} commands
 */
export async function runAll(commands) {
  for (const command of commands) {
    const { status, output } = await capture(command);
    if (status !== 0) return output === "" ? `${command.file} exited with ${status}` : output;
  }
  return undefined;
}

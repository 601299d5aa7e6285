// A server as a process of its own, known by the line that says where it is ready: {"msg": "ready", "url"}.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The command line of llm-serve. */
export const cli = fileURLToPath(new URL("../../apps/server/dist/cli.js", import.meta.url));

/**
 * Starts a program of Node and waits until it is ready.
 *
 * @param {readonly string[]} parameters - The program and its arguments.
 * @returns {Promise<{ url: string, version?: string, pid: number, stop: () => Promise<number | null> }>} `stop` asks it to end and gives its exit status.
 */
export async function startServer(parameters) {
  const child = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (data) => (complaints = `${complaints}${data}`.slice(-2000)));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const { url, version } = await new Promise((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      if (!line.startsWith("{")) return;
      const entry = JSON.parse(line);
      if (entry.msg === "ready") resolve(entry);
      else complaints = `${complaints}${line}\n`.slice(-2000);
    });
    void ended.then(() => reject(new Error(`expected a server, got the end of the process\n${complaints}`)));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    return ended;
  };
  return { url, version, pid: child.pid, stop };
}

// A Python process that answers requests of one JSON document a line, for peers that have no JavaScript.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * Starts peers.py.
 *
 * @param {string} python - The interpreter, whose environment has the peers.
 * @param {NodeJS.ProcessEnv} [environment] - Such as thread counts.
 * @returns {{ ask(request: object): Promise<Record<string, unknown>>, close(): void }}
 */
export function startPython(python, environment = {}) {
  const worker = spawn(python, [fileURLToPath(new URL("peers.py", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  const lines = createInterface(worker.stdout)[Symbol.asyncIterator]();
  return {
    async ask(request) {
      worker.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`python: expected an answer to ${request.do}, got the end of the process`);
      const { error, ...result } = JSON.parse(value);
      if (error !== undefined) throw new Error(`python: ${error}`);
      return result;
    },
    close: () => worker.stdin.end(),
  };
}

/**
 * The built command line, as users start it: `dist` is there when the tests run through `npm test`.
 */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const cli: string = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

export const isBuilt: boolean = existsSync(cli);
if (!isBuilt) console.warn("skipped: the command line is not built (npm run build)");

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command line in a folder. */
export function spawnCli(folder: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [cli, ...args], { cwd: folder });
}

/** Runs the command line in a folder, with `input` on its standard input. */
export function runCli(
  folder: string,
  args: readonly string[],
  { input = "", environment = {} }: { input?: string | Uint8Array; environment?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const { FORCE_COLOR: _, ...inherited } = process.env;
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...inherited, NO_COLOR: "1", ...environment }, maxBuffer: 1 << 26 };
    const child = execFile(process.execPath, [cli, ...args], options, (_, stdout, stderr) => {
      resolve({ status: child.exitCode, stdout, stderr });
    });
    // A command that ends without reading closes the pipe.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

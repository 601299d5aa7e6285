// A user's empty folder, outside the workspace, with the local registry as npm's: commands run in it as a user types them.
import { exec, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import { commandFile, root } from "../../scripts/paths.mjs";

export interface EmptyProject {
  folder: string;
  /**
   * Runs a line of shell and returns its standard output; `node` is the major version in front of the path, `timeout` in
   * milliseconds.
   *
   * @throws Error with everything that was written if it exits with anything but 0
   */
  run(command: string, options?: { node?: string; timeout?: number }): Promise<string>;
  /** Starts a line of shell that goes on by itself. */
  start(command: string, extra: Record<string, string>): Running;
  write(file: string, text: string): void;
  /** Checks a TypeScript file as a user of modules under Node does: strictly, declarations of packages included. */
  typecheck(file: string, options?: { readonly skipLibCheck?: boolean }): Promise<void>;
}

export interface Running {
  /** What it has written so far, on both streams. */
  output(): string;
  hasEnded(): boolean;
  /** Asks it, and everything that it started, to end, and waits until it did. */
  stop(): Promise<void>;
}

/** Makes an empty folder of this name; no two may have the same. */
export function emptyProject(name: string): EmptyProject {
  const folder = join(inject("projects"), name);
  mkdirSync(folder);
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  // Four minutes are generous: a fresh machine downloads ONNX Runtime here.
  const run: EmptyProject["run"] = async (command, { node, timeout = 240_000 } = {}) => {
    try {
      const options = { cwd: folder, env: userEnvironment(node), timeout, maxBuffer: 2 ** 26 };
      return (await promisify(exec)(command, options)).stdout;
    } catch (error) {
      const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
      throw new Error(`${name}: ${command}\n${stdout}${stderr === "" ? message : stderr}`, { cause: error });
    }
  };
  const start: EmptyProject["start"] = (command, extra) => {
    // In a group of its own, so that what npx started hears the signal, too.
    const isGroup = process.platform !== "win32";
    const env = { ...userEnvironment(undefined), ...extra };
    const child = spawn(command, {
      cwd: folder,
      env,
      shell: true,
      detached: isGroup,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    const stop = async () => {
      if (hasEnded() || child.pid === undefined) return;
      process.kill(isGroup ? -child.pid : child.pid, "SIGTERM");
      await once(child, "exit");
    };
    return { output: () => output, hasEnded, stop };
  };
  const typecheck: EmptyProject["typecheck"] = async (file, { skipLibCheck = false } = {}) => {
    const compilerOptions = {
      module: "nodenext",
      target: "es2023",
      lib: ["es2023", "dom"],
      strict: true,
      noEmit: true,
      // Declarations of packages are checked, unless they are known not to hold; those of the language itself are taken as they are.
      skipLibCheck,
      skipDefaultLibCheck: true,
      types: [],
    };
    write("tsconfig.json", JSON.stringify({ compilerOptions, files: [file] }));
    await run(`"${process.execPath}" "${commandFile("typescript", "tsc")}" -p .`);
  };
  return { folder, run, start, write, typecheck };
}

/** Our environment without what npm and vitest put into it, so that a command finds what it would find in a fresh shell. */
function userEnvironment(node: string | undefined): NodeJS.ProcessEnv {
  const kept = /^npm_config_(cafile|proxy|https?_proxy|noproxy|userconfig|globalconfig)$/i;
  const ours = /^(npm_|vitest|node_env$|node_options$|node_path$|test$|prod$|dev$|mode$|init_cwd$|color$|no_color$)/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => kept.test(key) || !ours.test(key)));
  const path = Object.keys(env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  const folders = (env[path] ?? "").split(delimiter).filter((folder) => !folder.startsWith(root));
  const runtime = node === undefined ? [] : [inject("nodes")[node] ?? ""];
  return {
    ...env,
    [path]: [...runtime, ...folders].join(delimiter),
    npm_config_registry: inject("registry"),
    npm_config_cache: inject("npmCache"),
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    // onnxruntime-node's install script would download CUDA libraries, from outside any registry.
    ONNXRUNTIME_NODE_INSTALL: "skip",
  };
}

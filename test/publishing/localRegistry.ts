// A package registry on this machine, for the length of a test run: verdaccio, which takes anybody's packages of our scope and
// fetches all others from the registry that npm is configured for. It is fetched into .tools when first needed, by a lockfile of
// its own, so that no other command has to install it.
import { type ChildProcess, exec, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { withLock } from "../../scripts/lock.mjs";
import { commandFile, root, toolsFolder } from "../../scripts/paths.mjs";
import { pnpmFile } from "../../scripts/setup.mjs";
import { capture } from "../../scripts/steps.mjs";
import { freePort } from "./freePort.ts";

export interface LocalRegistry {
  /** Its address, such as `http://127.0.0.1:51234/`. */
  url: string;
  stop(): Promise<void>;
}

/** Starts a registry that keeps its packages in `folder` and has none of ours yet. */
export async function startLocalRegistry(folder: string): Promise<LocalRegistry> {
  const program = await fetchVerdaccio();
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "config.json");
  writeFileSync(config, JSON.stringify(await configuration(join(folder, "packages")), undefined, 2));
  const url = `http://127.0.0.1:${await freePort()}/`;
  const cafile = await npmSetting("cafile");
  const child = spawn(process.execPath, [program, "--config", config, "--listen", url], {
    cwd: folder,
    env: { ...process.env, ...(cafile === undefined ? {} : { NODE_EXTRA_CA_CERTS: cafile }) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  try {
    await untilItAnswers(url, child);
  } catch (error) {
    child.kill();
    throw new Error(`${(error as Error).message}\n${output}`, { cause: error });
  }
  return {
    url,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}

/** The file of verdaccio's command, fetched if it is not there yet. */
async function fetchVerdaccio(): Promise<string> {
  const folder = join(toolsFolder, "registry");
  await withLock(async () => {
    cpSync(join(root, "test", "publishing", "registry"), folder, { recursive: true });
    const args = ["install", "--frozen-lockfile", "--prefer-offline", "--ignore-scripts", "--reporter=append-only"];
    const { status, output } = await capture({ file: await pnpmFile(), args, cwd: folder });
    if (status !== 0) throw new Error(`localRegistry: verdaccio could not be installed\n${output}`);
  });
  return commandFile("verdaccio", "verdaccio", folder);
}

async function configuration(storage: string): Promise<object> {
  const everybody = "$all";
  return {
    storage,
    uplinks: {
      upstream: { url: await npmSetting("registry"), timeout: "60s", maxage: "1h" },
    },
    packages: {
      // Without the uplink: what a test sees of ours is what it published, never an earlier release.
      "@llm-learning/*": { access: everybody, publish: everybody },
      "**": { access: everybody, proxy: "upstream" },
    },
    max_body_size: "200mb",
    web: { enable: false },
    log: { type: "stdout", format: "pretty", level: "warn" },
  };
}

async function npmSetting(name: string): Promise<string | undefined> {
  const { stdout } = await promisify(exec)(`npm config get ${name}`, { cwd: root });
  const value = stdout.trim();
  return ["", "null", "undefined"].includes(value) ? undefined : value;
}

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null) throw new Error(`localRegistry: verdaccio exited with ${child.exitCode}`);
    const answer = await fetch(`${url}-/ping`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error("localRegistry: expected an answer within a minute, got none");
}

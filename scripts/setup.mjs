// Brings a fresh clone to the point where its tools run: checks Node, fetches the pinned pnpm into .tools, installs the
// packages, builds them. Each part is skipped when its stamp says that nothing changed, so a second run costs
// milliseconds. Plain Node and npm only: no global install, no corepack, no shell.
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { withLock } from "./lock.mjs";
import { commandFile, readManifest, root, toolsFolder, trainerCli } from "./paths.mjs";
import { buildHash, installHash, isBuilt, isInstalled, readStamp, removeStamp, writeStamp } from "./stamps.mjs";
import { capture, runAll, step, StepFailure } from "./steps.mjs";

/** What `npm start` builds. */
const apps = ["trainer", "server"];

const pnpmFolder = join(toolsFolder, "pnpm");

/** Stops with one line when this Node is too old for the packages. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`llm-learning: expected Node 20.19 or newer, got ${process.versions.node}; get one from nodejs.org`);
    process.exit(1);
  }
}

/** Installs what is missing or out of date. */
export async function setUp() {
  const isCurrent = () => readStamp("install") === installHash() && isInstalled() && existsSync(pnpmFolder);
  if (isCurrent()) return;
  await withLock(async () => {
    await fetchPnpm();
    if (!isCurrent()) await install();
  });
}

/** Builds the trainer, the server that it names at its end, and the packages that they need, if a source file changed since. */
export async function buildTrainer() {
  const isCurrent = () => readStamp("build") === buildHash() && isBuilt() && existsSync(trainerCli);
  if (isCurrent()) return;
  const succeeded = await withLock(
    async () =>
      isCurrent() || (await step("Building", () => build(apps.map((name) => `--filter=@llm-learning/${name}`)))),
  );
  if (!succeeded) throw new StepFailure("build");
}

/**
 * Builds through turbo, which does only what changed. The caller holds the lock.
 *
 * @param {string[]} [filters]
 * @returns {Promise<string | undefined>} the output of a build that failed
 */
export async function build(filters = []) {
  const hash = buildHash();
  removeStamp("build");
  const failure = await runAll([await turbo("run", "build", ...filters)]);
  if (failure === undefined) writeStamp("build", hash);
  return failure;
}

/**
 * A turbo command.
 *
 * @param {string[]} args
 * @returns {Promise<import("./steps.mjs").Command>}
 */
export async function turbo(...args) {
  const quiet = args[0] === "run" ? ["--output-logs=errors-only", "--log-order=grouped", "--cache=local:rw"] : [];
  return { file: process.execPath, args: [commandFile("turbo"), ...args, ...quiet], env: await toolEnvironment() };
}

/** The environment in which our tools find the pinned pnpm, and stay silent about news of themselves. */
export async function toolEnvironment() {
  const path = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  return {
    ...process.env,
    [path]: [dirname(await pnpmFile()), process.env[path]].join(delimiter),
    DO_NOT_TRACK: "1",
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
  };
}

/** The pinned pnpm: a native program inside the package, which needs no install script and no shim. */
export async function pnpmFile() {
  const { resolveInstalledBinary } = await import(
    pathToFileURL(join(pnpmFolder, "node_modules", "pnpm", "native-binary.mjs")).href
  );
  /** @type {string | null} */
  const file = resolveInstalledBinary();
  if (file === null)
    throw new Error(`pnpm: expected a program for ${process.platform} ${process.arch} in ${pnpmFolder}`);
  return file;
}

async function fetchPnpm() {
  const pinned = readManifest(root).packageManager ?? "";
  const version = pinned.slice("pnpm@".length);
  const installed = join(pnpmFolder, "node_modules", "pnpm");
  if (existsSync(installed) && readManifest(installed).version === version) return;
  const succeeded = await step(`Fetching ${pinned}`, async () => {
    // Into a folder beside it and then renamed: an interrupted download is never taken for a whole one.
    const fresh = `${pnpmFolder}-new`;
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true });
    const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--include=optional", "--loglevel=error"];
    const { status, output } = await capture(npm("install", "--prefix", fresh, ...flags, pinned));
    if (status !== 0) return explain(output);
    rmSync(pnpmFolder, { recursive: true, force: true });
    renameSync(fresh, pnpmFolder);
    return undefined;
  });
  if (!succeeded) throw new StepFailure("pnpm");
}

async function install() {
  const hash = installHash();
  removeStamp("install");
  const succeeded = await step("Installing packages", async () => {
    // CI: ask no questions. Development: production would leave the build tools out.
    const env = { ...process.env, CI: "true", NODE_ENV: "development" };
    const args = ["install", "--frozen-lockfile", "--reporter=append-only"];
    const { status, output } = await capture({ file: await pnpmFile(), args, env });
    return status === 0 ? undefined : explain(output);
  });
  if (!succeeded) throw new StepFailure("install");
  writeStamp("install", hash);
}

/**
 * The npm that runs us, or else the one on the path.
 *
 * @param {string[]} args
 * @returns {import("./steps.mjs").Command}
 */
function npm(...args) {
  const script = process.env["npm_execpath"];
  if (script !== undefined && basename(script) === "npm-cli.js") {
    return { file: process.execPath, args: [script, ...args] };
  }
  if (process.platform !== "win32") return { file: "npm", args };
  // npm is a .cmd file here, which only a shell starts, and a shell splits at spaces.
  return { file: "npm.cmd", args: args.map((arg) => (arg.includes(" ") ? `"${arg}"` : arg)), shell: true };
}

/**
 * Adds what to do about the failures that are not ours.
 *
 * @param {string} output
 */
function explain(output) {
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_PNPM_META_FETCH_FAIL|dns error|error sending request/i.test(
      output,
    )
  ) {
    return `${output}\nThe package registry could not be reached. The first run needs it once; later runs work offline.\nCheck the network and npm's proxy settings (npm config list), then run the command again.`;
  }
  if (/ERR_PNPM_OUTDATED_LOCKFILE/.test(output)) {
    return `${output}\nA package.json changed and pnpm-lock.yaml did not: run \`npm run pnpm -- install\` and commit the lockfile.`;
  }
  if (/ENOSPC/.test(output)) return `${output}\nThe disk is full: the packages need about 1 GB.`;
  return output;
}

// The Node versions that published packages are tried under: the oldest and the newest line with long-term support. The one that
// runs the tests is used as it is; the other comes from npm's `node` package, whose install script fetches the program.
import { exec } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { toolsFolder } from "../../scripts/paths.mjs";

const versions: readonly string[] = ["20.19.5", "24.9.0"];

/** @returns the folders that hold a `node`, by its major version, such as "20" */
export async function nodeRuntimes(): Promise<Record<string, string>> {
  const [current] = process.versions.node.split(".");
  const runtimes: Record<string, string> = {};
  for (const version of versions) {
    const [major = ""] = version.split(".");
    runtimes[major] = dirname(major === current ? process.execPath : await fetchNode(version));
  }
  return runtimes;
}

async function fetchNode(version: string): Promise<string> {
  const folder = join(toolsFolder, `node-${version}`);
  const name = process.platform === "win32" ? "node.exe" : "node";
  const program = join(folder, "node_modules", "node", "bin", name);
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    const flags = "--no-audit --no-fund --ignore-scripts=false --loglevel=error";
    await promisify(exec)(`npm install --prefix "${folder}" ${flags} node@${version}`, { cwd: folder });
  }
  return program;
}

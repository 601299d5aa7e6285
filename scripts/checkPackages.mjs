// Packs every public package as it would be published and looks at the tarball from outside: publint checks what
// package.json promises against the files, attw that the types resolve as the code does.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { commandFile, readManifest, root, toolsFolder, workspaceFolders } from "./paths.mjs";
import { pnpmFile, toolEnvironment } from "./setup.mjs";
import { capture } from "./steps.mjs";

/** @returns {Promise<string | undefined>} the complaints, if any */
export async function checkPackages() {
  const tarballs = join(toolsFolder, "tarballs");
  rmSync(tarballs, { recursive: true, force: true });
  mkdirSync(tarballs, { recursive: true });
  const folders = workspaceFolders().filter((folder) => readManifest(folder).private !== true);
  const complaints = await inPairs(folders, (folder) => checkPackage(folder, join(tarballs, relative(root, folder))));
  return complaints.join("\n") || undefined;
}

/**
 * @param {string} folder
 * @param {string} destination
 */
async function checkPackage(folder, destination) {
  mkdirSync(destination, { recursive: true });
  const env = await toolEnvironment();
  const pack = ["pack", "--pack-destination", destination];
  const packed = await capture({ file: await pnpmFile(), args: pack, cwd: folder, env });
  if (packed.status !== 0) return `${relative(root, folder)}: pnpm pack\n${packed.output}`;
  const tarball = join(destination, readdirSync(destination)[0] ?? "");
  for (const [name, ...args] of [
    ["publint", tarball, "--strict"],
    ["@arethetypeswrong/cli", tarball, "--profile", "esm-only", "--no-emoji"],
  ]) {
    const checked = await capture({ file: process.execPath, args: [commandFile(name ?? ""), ...args], env });
    if (checked.status !== 0) return `${relative(root, folder)}: ${name}\n${checked.output}`;
  }
  return "";
}

/**
 * @param {string[]} items
 * @param {(item: string) => Promise<string>} work
 * @returns {Promise<string[]>} the results that are not empty
 */
async function inPairs(items, work) {
  const results = [];
  for (let i = 0; i < items.length; i += 2) results.push(...(await Promise.all(items.slice(i, i + 2).map(work))));
  return results.filter((result) => result !== "");
}

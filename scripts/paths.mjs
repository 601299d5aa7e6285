// Where things are in this repository, for the other scripts. Nothing here touches the disk, except reading package.json files.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Fetched tools, locks and reports; ignored by git and safe to delete. */
export const toolsFolder = join(root, ".tools");

/** The command line that `npm start` runs. */
export const trainerCli = join(root, "apps", "trainer", "dist", "cli.js");

/**
 * @typedef {object} Manifest What the scripts read of a package.json.
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {string} [packageManager]
 * @property {string | Record<string, string>} [bin]
 * @property {string} [description]
 * @property {string[]} [keywords]
 * @property {{ type: string, url: string, directory?: string }} [repository]
 * @property {Record<string, Record<string, string>>} [exports]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 */

/**
 * @param {string} folder
 * @returns {Manifest}
 */
export function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/**
 * The folders of the workspace packages: those of pnpm-workspace.yaml that hold a package.json.
 *
 * @param {string} [workspace] this repository, or a copy of it
 * @returns {string[]} absolute paths, sorted
 */
export function workspaceFolders(workspace = root) {
  const folders = ["packages", "apps"].flatMap((group) =>
    existsSync(join(workspace, group))
      ? readdirSync(join(workspace, group)).map((name) => join(workspace, group, name))
      : [],
  );
  folders.push(...["bench", "docs", "examples", "examples/browser"].map((name) => join(workspace, name)));
  return folders.filter((folder) => existsSync(join(folder, "package.json"))).toSorted();
}

/**
 * The JavaScript file behind a command of an installed package. Running it with `node` needs no shell, so the same
 * line works on Windows.
 *
 * @param {string} packageName for example "@changesets/cli"
 * @param {string} [command] the command, where the package has several
 * @param {string} [project] the folder whose node_modules holds the package
 */
export function commandFile(packageName, command, project = root) {
  const folder = join(project, "node_modules", ...packageName.split("/"));
  const { bin } = readManifest(folder);
  const file = typeof bin === "string" ? bin : command === undefined ? Object.values(bin ?? {})[0] : bin?.[command];
  if (file === undefined) throw new Error(`commandFile: expected a command of ${packageName}, got ${command}`);
  return join(folder, file);
}

// Stamps: a hash of what a finished install or build was made from, kept inside node_modules so that deleting that
// folder deletes the stamps with it. A stamp is removed before the work starts and written after it succeeded, so an
// interrupted command leaves none and the next one repairs.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { readManifest, root, workspaceFolders } from "./paths.mjs";

const stampFolder = join(root, "node_modules", ".llm-learning");

/** @param {"install" | "build"} name */
export function readStamp(name) {
  const file = join(stampFolder, name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/**
 * @param {"install" | "build"} name
 * @param {string} hash
 */
export function writeStamp(name, hash) {
  mkdirSync(stampFolder, { recursive: true });
  writeFileSync(join(stampFolder, name), hash);
}

/** @param {"install" | "build"} name */
export function removeStamp(name) {
  rmSync(join(stampFolder, name), { force: true });
}

/** The hash of everything that decides what an install gives. */
export function installHash() {
  const manifests = [root, ...workspaceFolders()].map((folder) => join(folder, "package.json"));
  return hashFiles(
    [join(root, "pnpm-lock.yaml"), join(root, "pnpm-workspace.yaml"), ...manifests],
    `${process.platform} ${process.arch}`,
  );
}

/** The hash of everything that decides what a build gives; what the build itself generates does not. */
export function buildHash() {
  const files = [join(root, "tsconfig.base.json"), join(root, "turbo.json"), join(root, "pnpm-lock.yaml")];
  for (const folder of buildFolders()) {
    for (const name of readdirSync(folder)) {
      if (["src", "assembly", "scripts"].includes(name))
        files.push(...filesUnder(join(folder, name)).filter((file) => !file.endsWith(".generated.ts")));
      else if (name.endsWith(".json")) files.push(join(folder, name));
    }
  }
  return hashFiles(files);
}

/** Whether every package that has dependencies still has its node_modules. */
export function isInstalled() {
  return workspaceFolders().every((folder) => {
    const { dependencies = {}, devDependencies = {} } = readManifest(folder);
    const needed = Object.keys(dependencies).length + Object.keys(devDependencies).length > 0;
    return !needed || existsSync(join(folder, "node_modules"));
  });
}

/** Whether every package that is built still has its dist. */
export function isBuilt() {
  return buildFolders().every((folder) => existsSync(join(folder, "dist", "index.js")));
}

/** @returns {string[]} the folders of the packages that have a build */
function buildFolders() {
  return workspaceFolders().filter((folder) => existsSync(join(folder, "tsconfig.build.json")));
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesUnder(folder) {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? filesUnder(path) : [path];
    });
}

/**
 * @param {string[]} files
 * @param {string} [salt]
 */
function hashFiles(files, salt = "") {
  const hash = createHash("sha256").update(salt);
  for (const file of files) {
    hash.update(`\0${relative(root, file).split(sep).join("/")}\0`);
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  return hash.digest("hex");
}

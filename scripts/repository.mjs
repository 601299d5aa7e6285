// `npm run release:repository -- https://github.com/OWNER/NAME`: writes where the source of each package is into its package.json:
// `repository`, `homepage` and `bugs`. A registry compares `repository` with the place that a signed package was built at, so nothing
// is published before this has been run once and committed. Without an address it says which packages lack it.
import { writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { readManifest, workspaceFolders } from "./paths.mjs";

/**
 * @param {string} workspace its folder
 * @returns {string[]} the packages to be published that do not say where their source is
 */
export function withoutRepository(workspace) {
  return published(workspace)
    .filter((folder) => readManifest(folder).repository?.url === undefined)
    .map((folder) => relative(workspace, folder));
}

/**
 * @param {string} workspace its folder
 * @param {string} page the repository's page, such as `https://github.com/OWNER/NAME`
 */
export function writeRepository(workspace, page) {
  for (const folder of [workspace, ...published(workspace)]) {
    const directory = relative(workspace, folder).split(sep).join("/");
    const { name, version, private: isPrivate, description, keywords, ...rest } = readManifest(folder);
    const manifest = {
      name,
      version,
      private: isPrivate,
      description,
      keywords,
      ...rest,
      homepage: directory === "" ? `${page}#readme` : `${page}/tree/main/${directory}#readme`,
      bugs: `${page}/issues`,
      repository: { type: "git", url: `git+${page}.git`, ...(directory === "" ? {} : { directory }) },
    };
    writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  }
}

/** @param {string} workspace */
function published(workspace) {
  return workspaceFolders(workspace).filter((folder) => readManifest(folder).private !== true);
}

function main() {
  const workspace = process.cwd();
  const [page] = process.argv.slice(2);
  if (page === undefined) {
    const missing = withoutRepository(workspace);
    console.log(
      missing.length === 0 ? "Every package has a repository" : `Without a repository: ${missing.join(", ")}`,
    );
  } else if (/^https:\/\/[^/\s]+\/[^/\s]+\/[^/\s]+(?<!\.git)$/.test(page)) {
    writeRepository(workspace, page);
    console.log("Written; now `npm run format`, and commit the package.json files");
  } else {
    console.error(`repository: expected a page such as https://github.com/OWNER/NAME, got ${JSON.stringify(page)}`);
    process.exitCode = 2;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();

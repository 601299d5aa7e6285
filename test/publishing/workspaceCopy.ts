// A release in a copy of the workspace, so that the checkout stays as it is: `changeset version` turns the waiting changesets into
// versions and changelogs, release:publish packs every public package and sends it to a registry. These are the commands of the
// release workflow.
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { commandFile, readManifest, root, workspaceFolders } from "../../scripts/paths.mjs";
import { withoutRepository, writeRepository } from "../../scripts/repository.mjs";
import { pnpmFile, toolEnvironment } from "../../scripts/setup.mjs";
import { capture } from "../../scripts/steps.mjs";

/** Copies what git would commit, and what was built from it, into `copy`, and versions it there. */
export async function versionCopy(copy: string): Promise<void> {
  const listed = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], root);
  for (const file of listed.split("\0")) {
    // A file that was deleted and not committed yet is listed all the same.
    if (file !== "" && existsSync(join(root, file))) copyFile(file, copy);
  }
  for (const folder of publicFolders()) {
    for (const part of ["dist", "src"]) copyFile(join(relative(root, folder), part), copy);
  }
  // Where the source is, a maintainer says once; here it may be anywhere.
  if (withoutRepository(copy).length > 0) writeRepository(copy, "https://example.org/somebody/llm-learning");
  // Changesets asks git which commit a changeset came with.
  await run("git", ["init", "--quiet", "--initial-branch=main"], copy);
  await commit("The workspace as it is", copy);
  await run(process.execPath, [commandFile("@changesets/cli"), "version"], copy);
  await run(await pnpmFile(), ["install", "--lockfile-only", "--prefer-offline"], copy);
}

/** Publishes the versioned copy as the release workflow would. */
export async function publishCopy(copy: string, registry: string): Promise<void> {
  // pnpm writes into a manifest the versions that it finds installed.
  const install = ["install", "--frozen-lockfile", "--prefer-offline", "--prod", "--ignore-scripts"];
  await run(await pnpmFile(), install, copy);
  // Anybody may publish to the local registry, but pnpm wants to say who is asking.
  const { host } = new URL(registry);
  writeFileSync(join(copy, ".npmrc"), `registry=${registry}\n//${host}/:_authToken=anybody\n`);
  await commit("Version packages", copy);
  const publish = [join(root, "scripts", "publish.mjs"), "--no-provenance"];
  await run(process.execPath, publish, copy, { npm_config_registry: registry });
}

/** @returns the folders of the packages that are published, in the checkout */
export function publicFolders(): string[] {
  return workspaceFolders().filter((folder) => readManifest(folder).private !== true);
}

function copyFile(file: string, copy: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  cpSync(join(root, file), join(copy, file), { recursive: true });
}

async function commit(message: string, copy: string): Promise<void> {
  const author = ["-c", "user.name=llm-learning", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false"];
  await run("git", ["add", "--all"], copy);
  await run("git", [...author, "commit", "--quiet", "--no-verify", "--message", message], copy);
}

async function run(file: string, args: string[], cwd: string, extra: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...(await toolEnvironment()), ...extra };
  const { status, output } = await capture({ file, args, cwd, env });
  if (status !== 0) throw new Error(`${[file, ...args].join(" ")} exited with ${status}\n${output}`);
  return output;
}

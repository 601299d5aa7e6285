// Before the tests of publishing: builds what changed, versions a copy of the workspace, publishes it to a local registry, and tells
// the tests where everything is. Afterwards the registry stops and all of it is deleted.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { withLock } from "../../scripts/lock.mjs";
import { toolsFolder } from "../../scripts/paths.mjs";
import { build } from "../../scripts/setup.mjs";
import { startLocalRegistry } from "./localRegistry.ts";
import { nodeRuntimes } from "./nodeRuntimes.ts";
import { publishCopy, versionCopy } from "./workspaceCopy.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The local registry's address. */
    registry: string;
    /** The versioned copy of the workspace. */
    copy: string;
    /** Where empty projects are made. */
    projects: string;
    npmCache: string;
    /** The folders that hold a `node`, by its major version. */
    nodes: Record<string, string>;
  }
}

export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "llm-learning-publish-"));
  const copy = join(folder, "workspace");
  const projects = join(folder, "projects");
  mkdirSync(copy);
  mkdirSync(projects);
  // Kept for the next run: other people's packages. npx would take ours of the last run from there.
  const npmCache = join(toolsFolder, "publishing-npm-cache");
  rmSync(join(npmCache, "_npx"), { recursive: true, force: true });

  const failure = await withLock(build);
  if (failure !== undefined) throw new Error(`The build failed\n${failure}`);
  const registry = await startLocalRegistry(join(folder, "registry"));
  const tearDown = async () => {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await versionCopy(copy);
    await publishCopy(copy, registry.url);
    provide("registry", registry.url);
    provide("copy", copy);
    provide("projects", projects);
    provide("npmCache", npmCache);
    provide("nodes", await nodeRuntimes());
  } catch (error) {
    await tearDown();
    throw error;
  }
  return tearDown;
}

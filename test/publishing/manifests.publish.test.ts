// What arrives in the registry: versions, ranges, changelogs, files.
import { exec, execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { describe, expect, inject, test } from "vitest";
import { readManifest, root } from "../../scripts/paths.mjs";
import { emptyProject } from "./emptyProject.ts";
import { publicFolders } from "./workspaceCopy.ts";

interface Published {
  version: string;
  dependencies?: Record<string, string>;
  repository?: unknown;
  dist: { tarball: string; integrity: string };
}

const folders = publicFolders().map((folder) => relative(root, folder));
const versionOf = (folder: string) => readManifest(join(inject("copy"), folder)).version;

async function published(folder: string): Promise<Published> {
  const { name } = readManifest(join(root, folder));
  const answer = await fetch(`${inject("registry")}${name.replace("/", "%2f")}/latest`);
  expect(answer.status, name).toBe(200);
  return (await answer.json()) as Published;
}

test("all packages are released with one version, above that of the checkout where changesets wait", () => {
  const [version = "", ...others] = new Set(folders.map(versionOf));
  expect(others).toEqual([]);
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(version).not.toBe("0.0.0");
});

test("the commit is tagged with every package", async () => {
  const { stdout } = await promisify(exec)("git tag --list", { cwd: inject("copy") });
  const tags = folders.map((folder) => `${readManifest(join(root, folder)).name}@${versionOf(folder)}`);
  expect(stdout.trim().split(/\r?\n/).toSorted()).toEqual(tags.toSorted());
});

test("publishing outside of the release workflow is refused, and says why", async () => {
  const script = join(root, "scripts", "publish.mjs");
  const env = { ...process.env, GITHUB_ACTIONS: "" };
  const refused = promisify(execFile)(process.execPath, [script], { cwd: inject("copy"), env });
  await expect(refused).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^release:publish: expected the release workflow, .+\n$/),
  });
});

describe.each(folders)("%s", (folder) => {
  test("is published, and asks for the others in the same version", async () => {
    const manifest = await published(folder);
    const version = versionOf(folder);
    expect(manifest.version).toBe(version);
    const ours = Object.entries(manifest.dependencies ?? {}).filter(([name]) => name.startsWith("@llm-learning/"));
    expect(ours).toEqual(ours.map(([name]) => [name, `^${version}`]));
    expect(JSON.stringify(manifest)).not.toContain("workspace:");
    expect(manifest.repository).toMatchObject({ type: "git", directory: folder });
  });

  test("has a changelog of the version", () => {
    const changelog = readFileSync(join(inject("copy"), folder, "CHANGELOG.md"), "utf8");
    expect(changelog.split("\n")[0]).toBe(`# ${readManifest(join(root, folder)).name}`);
    expect(changelog).toContain(`\n## ${versionOf(folder)}\n`);
  });

  test("is sent with its code, types, sources, license and README, and without its tests", async () => {
    const { dist } = await published(folder);
    const project = emptyProject(`tarball-${folder.replace("/", "-")}`);
    const answer = await fetch(dist.tarball);
    writeFileSync(join(project.folder, "package.tgz"), Buffer.from(await answer.arrayBuffer()));
    const files = (await project.run("tar -tzf package.tgz")).trim().split(/\r?\n/);
    const needed = ["LICENSE", "README.md", "package.json", "dist/index.js", "dist/index.d.ts", "src/index.ts"];
    expect(files).toEqual(expect.arrayContaining(needed.map((file) => `package/${file}`)));
    const others = files.filter(
      (file) => !/^package\/(dist\/|src\/|scripts\/setUpTfjsNode\.mjs$|LICENSE$|[A-Z]+\.md$|package\.json$)/.test(file),
    );
    expect(others).toEqual([]);
    expect(files.filter((file) => /\.test\.|tsbuildinfo|node_modules/.test(file))).toEqual([]);
  });
});

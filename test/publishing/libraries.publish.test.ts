// Each library by itself in an empty project: installed with npm, imported under both Nodes, checked by TypeScript, bundled by vite.
// Then the beginning of its README, as a reader would follow it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { readManifest, root } from "../../scripts/paths.mjs";
import { bundleForBrowser, runInBrowser } from "./browserBundle.ts";
import { emptyProject, type EmptyProject } from "./emptyProject.ts";
import { firstResult, firstResultModule, statedModule } from "./firstResult.ts";

const libraries = readdirSync(join(root, "packages"));

describe.each(libraries)("@llm-learning/%s", (library) => {
  const { name, exports = {} } = readManifest(join(root, "packages", library)) as { name: string; exports?: object };
  const entryPoints = Object.keys(exports)
    .filter((path) => path !== "./package.json")
    .map((path) => name + path.slice(1));
  const isForNode = (entryPoint: string) => entryPoint.endsWith("/node");
  let project: EmptyProject;

  beforeAll(async () => {
    project = emptyProject(`library-${library}`);
    await project.run(`npm install ${name}`);
  });

  test.each(["20", "24"])("its entry points can be imported under Node %s", async (node) => {
    project.write(
      "imports.mjs",
      `const names = ${JSON.stringify(entryPoints)};
const modules = await Promise.all(names.map((name) => import(name)));
const exported = modules.map((module) => Object.keys(module).length > 0);
console.log(JSON.stringify([process.versions.node.split(".")[0], names.filter((_, i) => !exported[i])]));\n`,
    );
    expect(Object.keys(inject("nodes"))).toContain(node);
    expect(JSON.parse(await project.run("node imports.mjs", { node }))).toEqual([node, []]);
  });

  test("its declarations hold in a project that checks everything", async () => {
    // Those of onnx/node and of tfjs are about optional peers, which are not installed here.
    const aboutPeers = ["@llm-learning/onnx/node", "@llm-learning/tfjs", "@llm-learning/tfjs/node"];
    const checked = entryPoints.filter((entryPoint) => !aboutPeers.includes(entryPoint));
    const lines = checked.map((from, i) => `import * as entry${i} from ${JSON.stringify(from)};\n`);
    const used = checked.map((_, i) => `entry${i}`);
    project.write("consumer.mts", `${lines.join("")}export const entries: object[] = [${used.join(", ")}];\n`);
    await project.typecheck("consumer.mts");
  });

  test("vite bundles what is not for Node only, and the bundle runs without anything of Node's", async () => {
    const bundled = entryPoints.filter((entryPoint) => !isForNode(entryPoint));
    const exported = runInBrowser(await bundleForBrowser(project, bundled));
    expect(exported).toHaveLength(bundled.length);
    expect(exported.filter((names) => names.length === 0)).toEqual([]);
  });

  test("its README installs it, and the first result comes out as written", async () => {
    const file = `packages/${library}/README.md`;
    const markdown = readFileSync(join(root, file), "utf8");
    const { install, commands, code } = firstResult(markdown, file);
    expect(install.split(" ")).toContain(name);
    expect(commands).toEqual([]);
    await project.run(install);

    project.write("written.mts", code);
    // TensorFlow.js declares WebGPU's types once more, beside those of the language.
    await project.typecheck("written.mts", { skipLibCheck: library === "tfjs" });
    project.write("stated.mjs", statedModule);
    project.write("first.mjs", await firstResultModule(markdown, file));
    // What is not as stated is an error, which the output would show.
    for (const node of ["20", "24"]) expect(await project.run("node first.mjs", { node })).toBe("");
  });
});

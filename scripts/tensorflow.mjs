// For CI: sets up TensorFlow's kernels for the tests of packages/tfjs, where PyPI can be had; says so and goes on where not.
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root, toolsFolder } from "./paths.mjs";
import { setUp } from "./setup.mjs";
import { capture } from "./steps.mjs";

/** The wheel whose library the addon was built and tested against. */
const WHEEL = "tensorflow-cpu==2.21.0";

/** Seconds for the download of about 270 MB. */
const PATIENCE = 180;

const folder = join(toolsFolder, "tensorflow");
await setUp();
mkdirSync(folder, { recursive: true });
const wheelOf = () => readdirSync(folder).find((name) => name.endsWith(".whl"));
if (wheelOf() === undefined) {
  const args = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder, WHEEL];
  const { status, output } = await capture({ file: "timeout", args: [String(PATIENCE), "python3", ...args] });
  if (status !== 0) console.log(`no TensorFlow from PyPI, its tests are skipped: ${output.trim().split("\n").at(-1)}`);
}
const wheel = wheelOf();
if (wheel !== undefined) {
  const script = join(root, "packages", "tfjs", "scripts", "setUpTfjsNode.mjs");
  const { status, output } = await capture({ file: process.execPath, args: [script, join(folder, wheel)] });
  console.log(status === 0 ? output.trim() : `no TensorFlow, its tests are skipped: ${output.trim()}`);
}

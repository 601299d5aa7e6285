// For CI: sets up TensorFlow's kernels, which the tests of packages/tfjs and of the engines compare with, where pip can get their library.
// Where it cannot, those tests are skipped: this says why in a line, and is no failure. What it fetched stays in .tools.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, toolsFolder } from "./paths.mjs";
import { checkNode, setUp } from "./setup.mjs";
import { capture, step } from "./steps.mjs";

/** The wheel whose library is used, whichever Python there is, and the SHA-256 that PyPI gives of it. */
const WHEEL = {
  requirement: "tensorflow-cpu==2.21.0",
  sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
  tags: ["--platform=manylinux_2_27_x86_64", "--implementation=cp", "--python-version=3.11", "--abi=cp311"],
};

/** Seconds for its 262 MB to come, and as many for the addon to be built. */
const PATIENCE = 180;

/** The wheel's two libraries and some headers, 855 MB. */
const library = join(toolsFolder, "tensorflow");
const download = `${library}-wheel`;
const tfjs = join(root, "packages", "tfjs");
const tfjsNode = join(tfjs, "node_modules", "@tensorflow", "tfjs-node");
const isSetUp = ["lib/napi-v8/tfjs_binding.node", "deps/lib/libtensorflow.so"].every((file) =>
  existsSync(join(tfjsNode, file)),
);

checkNode();
if (process.platform !== "linux" || process.arch !== "x64") {
  console.log("Tests on TensorFlow are skipped: its library is fetched for Linux on x64 alone");
} else if (!isSetUp) {
  await setUp();
  try {
    const isFetched = existsSync(library) || (await step("Fetching TensorFlow", fetchWheel));
    if (!isFetched || !(await step("Building tfjs-node", build))) console.log("Tests on TensorFlow are skipped");
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
}

/** With pip as it is configured here, which checks the hash. */
async function fetchWheel() {
  rmSync(download, { recursive: true, force: true });
  mkdirSync(download, { recursive: true });
  const requirements = join(download, "requirements.txt");
  writeFileSync(requirements, `${WHEEL.requirement} --hash=sha256:${WHEEL.sha256}\n`);
  const what = ["--require-hashes", "--requirement", requirements, "--no-deps", "--only-binary=:all:", ...WHEEL.tags];
  const output = await inTime(["python3", "-m", "pip", "download", "--quiet", "--dest", download, ...what]);
  return output?.split("\n").at(-1);
}

async function build() {
  const wheel = existsSync(download) ? readdirSync(download).find((name) => name.endsWith(".whl")) : undefined;
  const source = wheel === undefined ? [library] : [join(download, wheel), library];
  const script = join(tfjs, "scripts", "setUpTfjsNode.mjs");
  return inTime([process.execPath, script, ...source]);
}

/**
 * Runs a command for as long as there is patience.
 *
 * @param {string[]} command
 * @returns {Promise<string | undefined>} what to say where it fails
 */
async function inTime(command) {
  const { status, output } = await capture({ file: "timeout", args: [String(PATIENCE), ...command], cwd: tfjs });
  if (status === 124) return `it was not done in ${PATIENCE} seconds`;
  return status === 0 ? undefined : output.trimEnd();
}

#!/usr/bin/env node
// Builds the addon of @tensorflow/tfjs-node against a TensorFlow library that you have, where its own download is out of reach.
//
//     npm install --ignore-scripts @tensorflow/tfjs-node
//     pip download --no-deps --only-binary=:all: tensorflow-cpu
//     node node_modules/@llm-learning/tfjs/scripts/setUpTfjsNode.mjs tensorflow_cpu-*.whl
//
// The argument is a wheel of `tensorflow` or `tensorflow-cpu` from PyPI, which carries the C library and its headers, or a folder that holds
// them: that of an installed Python package `tensorflow`, or an unpacked libtensorflow (`lib/` and `include/`). Behind a wheel there may be a
// folder to unpack it into, which can be given in its place the next time.
//
// For Linux, with g++, make and python3, which node-gyp needs. It writes only into the package's own folder, and that one.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Version of Node's interface for addons: the highest that the package lists. */
const NODE_API = "8";

/** Of a wheel, the two libraries and the headers that the addon includes. */
const unpack = `
import re, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wanted = re.compile(r"tensorflow/(libtensorflow[^/]*\\.so[.0-9]*|include/(tensorflow/(c|core/platform)|tsl/platform|xla/tsl/c)/.*\\.h)$")
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if wanted.match(name)])
`;

try {
  const [given, into, ...rest] = process.argv.slice(2);
  const isWheel = given?.endsWith(".whl") === true;
  if (given === undefined || rest.length > 0 || (into !== undefined && !isWheel))
    throw new Error(
      "expected a wheel of TensorFlow, or a wheel and a folder to unpack it into, or a folder of TensorFlow",
    );
  const source = resolve(given);
  if (!existsSync(source)) throw new Error(`expected a wheel or a folder of TensorFlow, got ${given}: no such file`);
  const folder = packageFolder();
  const target = into === undefined ? join(folder, "deps", basename(source, ".whl")) : resolve(into);
  connect(folder, isWheel ? unpacked(source, target) : source);
  buildAddon(folder);
  console.log(`setUpTfjsNode: ${folder} works: 3 * 4 = ${tryOut(folder)}`);
} catch (error) {
  console.error(`setUpTfjsNode: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

/** Where @tensorflow/tfjs-node is installed, as seen from the current folder or from this package. */
function packageFolder() {
  for (const from of [join(process.cwd(), "package.json"), fileURLToPath(import.meta.url)]) {
    try {
      return dirname(createRequire(from).resolve("@tensorflow/tfjs-node/package.json"));
    } catch {
      // Then from the other.
    }
  }
  throw new Error("expected @tensorflow/tfjs-node, got none; npm install --ignore-scripts @tensorflow/tfjs-node");
}

/**
 * Puts a wheel's libraries and headers into a folder, which is there as a whole or not at all.
 *
 * @param {string} wheel
 * @param {string} target
 */
function unpacked(wheel, target) {
  const parts = `${target}.tmp`;
  for (const place of [target, parts]) rmSync(place, { recursive: true, force: true });
  run("python3", ["-c", unpack, wheel, parts]);
  renameSync(join(parts, "tensorflow"), target);
  rmSync(parts, { recursive: true });
  return target;
}

/**
 * Puts links to a TensorFlow where the addon is built and looks for it: `deps/lib` and `deps/include`.
 *
 * @param {string} folder
 * @param {string} source
 */
function connect(folder, source) {
  const libraries = [join(source, "lib"), source].filter((place) => existsSync(place));
  const files = libraries.flatMap((place) => readdirSync(place).map((name) => join(place, name)));
  const find = (/** @type {RegExp} */ pattern) => files.find((file) => pattern.test(basename(file)));
  // The wheel's library for C++ has the functions for C in it.
  const library = find(/^libtensorflow(_cc)?\.so\.\d+$/) ?? find(/^libtensorflow(_cc)?\.so/);
  const framework = find(/^libtensorflow_framework\.so\.\d+$/) ?? find(/^libtensorflow_framework\.so/);
  const include = join(source, "include");
  if (library === undefined || framework === undefined || !existsSync(join(include, "tensorflow", "c", "c_api.h"))) {
    throw new Error(
      `expected libtensorflow.so or libtensorflow_cc.so, libtensorflow_framework.so and include/tensorflow/c/c_api.h in ${source}`,
    );
  }
  const [lib, headers] = ["lib", "include"].map((name) => join(folder, "deps", name));
  for (const place of [lib, headers]) rmSync(place, { recursive: true, force: true });
  mkdirSync(lib, { recursive: true });
  symlinkSync(include, headers);
  for (const [file, name] of [
    [library, "libtensorflow.so"],
    [framework, "libtensorflow_framework.so"],
  ]) {
    symlinkSync(file, join(lib, name));
    if (basename(file) !== name) symlinkSync(file, join(lib, basename(file)));
  }
}

/** @param {string} folder */
function buildAddon(folder) {
  const headers = [dirname(dirname(process.execPath)), "/usr"].find((place) =>
    existsSync(join(place, "include", "node", "node_api.h")),
  );
  const addon = join(folder, "lib", `napi-v${NODE_API}`);
  run(
    process.execPath,
    [
      nodeGyp(),
      "rebuild",
      // Without headers beside this Node, node-gyp downloads them.
      ...(headers === undefined ? [] : [`--nodedir=${headers}`]),
      `--napi_version=${NODE_API}`,
      `--napi_build_version=${NODE_API}`,
      `--node_napi_label=napi-v${NODE_API}`,
      "--module_name=tfjs_binding",
      `--module=${join(addon, "tfjs_binding.node")}`,
      `--module_path=${addon}`,
    ],
    folder,
  );
  rmSync(join(folder, "build"), { recursive: true, force: true });
}

/** The node-gyp that comes with npm. */
function nodeGyp() {
  const prefix = dirname(dirname(process.execPath));
  const modules = [join(prefix, "lib", "node_modules"), "/usr/share/nodejs", "/usr/lib/node_modules"];
  const places = modules.flatMap((place) => [join(place, "npm", "node_modules"), place]);
  const file = places.map((place) => join(place, "node-gyp", "bin", "node-gyp.js")).find((path) => existsSync(path));
  if (file === undefined) throw new Error(`expected node-gyp, which comes with npm, got none in ${places.join(", ")}`);
  return file;
}

/**
 * Loads the package in a process of its own.
 *
 * @param {string} folder
 */
function tryOut(folder) {
  const code = `
    import util from "node:util";
    util.isNullOrUndefined ??= (value) => value == null;
    const { default: tf } = await import(${JSON.stringify(pathToFileURL(join(folder, "dist", "index.js")).href)});
    process.stdout.write(String(tf.mul(3, 4).dataSync()[0]));`;
  return run(process.execPath, ["--input-type=module", "-e", code]).trim();
}

/**
 * What a command prints; its errors are shown where it fails.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {string} [cwd]
 */
function run(file, args, cwd = process.cwd()) {
  try {
    return execFileSync(file, args, {
      cwd,
      encoding: "utf8",
      stdio: "pipe",
      env: { TF_CPP_MIN_LOG_LEVEL: "2", ...process.env },
    });
  } catch (error) {
    const {
      stdout = "",
      stderr = "",
      message,
    } = /** @type {{ stdout?: string, stderr?: string, message: string }} */ (error);
    throw new Error(`${basename(file)} failed: ${message.split("\n")[0]}\n${stdout}${stderr}`.trimEnd(), {
      cause: error,
    });
  }
}

/**
 * Where onnxruntime-node keeps the shared library of ONNX Runtime that its own binding is linked with.
 */

import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** On macOS there are two copies; this is the one that onnxruntime-node's own binding is linked with. */
const names: Readonly<Partial<Record<NodeJS.Platform, RegExp>>> = {
  linux: /^libonnxruntime\.so\.\d+$/,
  darwin: /^libonnxruntime\.\d+\.dylib$/,
  win32: /^onnxruntime\.dll$/,
};

/**
 * The path of the library for this platform and processor.
 *
 * @throws Error where onnxruntime-node is not installed, or ships none for this machine.
 */
export function sharedLibraryPath(): string {
  const name = names[process.platform];
  if (name === undefined) {
    throw new Error(`sharedLibraryPath: expected ${Object.keys(names).join(", ")}, got ${process.platform}`);
  }
  const root = join(dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json")), "bin");
  for (const version of readdirSync(root)) {
    const directory = join(root, version, process.platform, process.arch);
    const file = filesIn(directory).find((file) => name.test(file));
    if (file !== undefined) return join(directory, file);
  }
  throw new Error(
    `sharedLibraryPath: expected ONNX Runtime for ${process.platform} ${process.arch} in onnxruntime-node, got none`,
  );
}

function filesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

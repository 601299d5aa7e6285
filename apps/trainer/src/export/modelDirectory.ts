/**
 * Whether a directory may be replaced by a model directory: it is absent, empty, or an older one that this program wrote.
 */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What a model directory may hold: files, and the folder of ONNX models. */
const known = new Set([
  "config.json",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "model.safetensors",
  "model.gguf",
  "model-f16.gguf",
  "model-q8_0.gguf",
  "model-q4_0.gguf",
  "genai_config.json",
  "chat_template.jinja",
  "README.md",
  "onnx",
]);

const knownOnnx = /^model(_[a-z0-9]+)?\.onnx(_data(_\d+)?)?$/;

/** @throws RangeError if something stands at `path` that is not an exported model. */
export async function expectReplaceable(path: string): Promise<void> {
  const names = await list(path);
  if (names === undefined || names.length === 0) return;
  const strays = names.filter((name) => !known.has(name));
  const onnxNames = names.includes("onnx") ? ((await list(join(path, "onnx"))) ?? []) : [];
  strays.push(...onnxNames.filter((name) => !knownOnnx.test(name)).map((name) => `onnx/${name}`));
  if (strays.length > 0) refuse(path, `one with other files (${strays.slice(0, 3).join(", ")})`);
  if (!(await isOurs(path))) refuse(path, "a model that this program did not write");
}

async function list(path: string): Promise<string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    return refuse(path, code === "ENOTDIR" ? "a file" : `one that cannot be read (${code})`);
  }
}

async function isOurs(path: string): Promise<boolean> {
  try {
    const config: unknown = JSON.parse(await readFile(join(path, "config.json"), "utf8"));
    return typeof config === "object" && config !== null && Object.hasOwn(config, "llm_learning");
  } catch {
    return false;
  }
}

function refuse(path: string, got: string): never {
  throw new RangeError(
    `exportModel: expected ${JSON.stringify(path)} to be a new, empty or earlier model directory, got ${got}; ` +
      "choose another directory",
  );
}

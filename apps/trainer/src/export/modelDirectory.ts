/**
 * Where a directory may be written: whether what stands there is absent, empty, or an older one that this program wrote, known by its
 * `config.json`, and holds nothing else.
 */

import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

/** What a directory that this program writes may hold. */
export interface DirectoryLayout {
  readonly files: ReadonlySet<string>;
  /** Folders, with the files in each. */
  readonly folders?: Readonly<Record<string, RegExp>>;
  /** The file that says who wrote it. @defaultValue `config.json` */
  readonly mark?: string;
}

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

/** A model directory. */
export const modelLayout: DirectoryLayout = { files: known, folders: { onnx: knownOnnx } };

/** The absolute path, so that what is checked is what is replaced, wherever the process goes meanwhile. */
export function directoryOf(path: string): string {
  const absolute = resolve(path);
  // Replaced means another directory of the same name: whoever stands in the old one would be left in a deleted one.
  if (path === "" || absolute === process.cwd()) {
    const got = path === "" ? "an empty path" : `${JSON.stringify(path)}, the current directory`;
    throw new RangeError(`exportModel: expected the path of a directory of its own, got ${got}`);
  }
  return absolute;
}

/** @throws RangeError if something stands at `path` that is not an exported model of this layout. */
export async function expectReplaceable(
  path: string,
  { files, folders = {}, mark = "config.json" }: DirectoryLayout,
): Promise<void> {
  const names = await list(path);
  if (names === undefined || names.length === 0) return;
  const strays = names.filter((name) => !files.has(name) && !Object.hasOwn(folders, name));
  for (const [folder, known] of Object.entries(folders)) {
    const inside = names.includes(folder) ? ((await list(join(path, folder))) ?? []) : [];
    strays.push(...inside.filter((name) => !known.test(name)).map((name) => `${folder}/${name}`));
  }
  if (strays.length > 0) refuse(path, `one with other files (${strays.slice(0, 3).join(", ")})`);
  if (!(await isOurs(join(path, mark)))) refuse(path, "a model that this program did not write");
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

async function isOurs(markPath: string): Promise<boolean> {
  try {
    const config: unknown = JSON.parse(await readFile(markPath, "utf8"));
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

/**
 * Opens a model directory of anybody's: its `config.json`, and its weights. Everything in it is foreign and checked before it is used.
 */

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { decodeSafetensors, type Safetensors } from "@llm-learning/nn-core";
import { inFile, UsageError } from "../usageError.ts";
import { gpt2Model } from "./gpt2Model.ts";
import type { ImportedModel } from "./importedModel.ts";
import { llamaModels } from "./llamaModel.ts";

/** Far above what such a file holds, and far below what could hurt to parse. */
const MAX_CONFIG_BYTES = 1 << 20;

/** What Node reads at once. */
const MAX_WEIGHT_BYTES = 2 ** 31 - 1;

/** The forms that can be read, by `model_type`. */
const forms: Readonly<Record<string, (json: unknown) => ImportedModel>> = { gpt2: gpt2Model, ...llamaModels };

/** Reads the `config.json` of a directory. @throws UsageError where it is missing, damaged, or of a form that is not known. */
export async function readModelConfig(directory: string): Promise<ImportedModel> {
  const info = await stat(directory).catch(() => undefined);
  if (info?.isDirectory() !== true) {
    const got = info === undefined ? "which does not exist" : "a file";
    throw new UsageError(`expected a model directory, got ${JSON.stringify(directory)}, ${got}`);
  }
  const path = join(directory, "config.json");
  const bytes = await readBounded(path, MAX_CONFIG_BYTES);
  return inFile(path, () => {
    const json = parseJson(new TextDecoder().decode(bytes));
    const modelType: unknown = (json as { model_type?: unknown } | null)?.model_type;
    if (typeof modelType === "string" && Object.hasOwn(forms, modelType)) return forms[modelType](json);
    throw new UsageError(
      `expected model_type to be one of ${Object.keys(forms).join(", ")}, got ${JSON.stringify(modelType) ?? "nothing"}`,
    );
  });
}

/** Reads the weights of a directory under our names. @throws UsageError where they are missing, damaged, or of another model. */
export async function readModelWeights(
  directory: string,
  read: (file: Safetensors) => ReturnType<ImportedModel["weights"]>,
): Promise<ReturnType<ImportedModel["weights"]>> {
  const path = join(directory, "model.safetensors");
  const bytes = await readBounded(path, MAX_WEIGHT_BYTES);
  return inFile(path, () => read(decodeSafetensors(bytes)));
}

async function readBounded(path: string, most: number): Promise<Uint8Array> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile() !== true)
    throw new UsageError(`expected a model directory with ${JSON.stringify(path)}, got none`);
  if (info.size > most) {
    throw new UsageError(`expected a file of at most ${most} bytes, got ${JSON.stringify(path)} with ${info.size}`);
  }
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UsageError(`expected a readable ${JSON.stringify(path)}, got ${(cause as Error).message}`, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`expected JSON, got ${JSON.stringify(text.slice(0, 40))}`, { cause });
  }
}

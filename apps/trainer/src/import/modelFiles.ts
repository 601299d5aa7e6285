/**
 * Opens a model directory of anybody's: its `config.json`, and its weights. Everything in it is foreign and checked before it is used.
 */

import { join } from "node:path";
import type { Safetensors } from "@llm-learning/nn-core";
import { expectDirectory, parseJson, readTextIn } from "../foreignDirectory.ts";
import { inFile, UsageError } from "../usageError.ts";
import { gpt2Model } from "./gpt2Model.ts";
import type { ImportedModel } from "./importedModel.ts";
import { llamaModels } from "./llamaModel.ts";
import { readWeights } from "./weightShards.ts";
import { nanoGptModel } from "./nanoGptModel.ts";

/** Far above what such a file holds, and far below what could hurt to parse. */
const MAX_CONFIG_BYTES = 1 << 20;

/** The forms that can be read, by `model_type`. */
const forms: Readonly<Record<string, (json: unknown) => ImportedModel>> = {
  gpt2: gpt2Model,
  ...llamaModels,
  nanogpt: nanoGptModel,
};

/** Reads the `config.json` of a directory. @throws UsageError where it is missing, damaged, or of a form that is not known. */
export async function readModelConfig(directory: string): Promise<ImportedModel> {
  await expectDirectory("model", directory);
  const path = join(directory, "config.json");
  const text = await readTextIn("model", path, MAX_CONFIG_BYTES);
  return inFile(path, () => {
    const json = parseJson(text);
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
  const { file, path } = await readWeights(directory);
  return inFile(path, () => read(file));
}

/**
 * The weights of a model directory: one file, or several and an index that says which tensor is where, as large models are stored.
 *
 *     model.safetensors
 *     model.safetensors.index.json   { "weight_map": { "model.norm.weight": "model-00002-of-00002.safetensors", ... } }
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { constants } from "node:buffer";
import { decodeSafetensors, type Safetensors, type SafetensorsEntry } from "@llm-learning/nn-core";
import { z } from "zod";
import { parseJson, readBytesIn, readTextIn } from "../foreignDirectory.ts";
import { inFile, UsageError } from "../usageError.ts";

/** What an array can hold: 4 GiB in Node 20, more in later ones. */
const MAX_WEIGHT_BYTES = constants.MAX_LENGTH;

/** Names of a hundred thousand tensors. */
const MAX_INDEX_BYTES = 1 << 25;

/** A file in the directory itself, so that an index cannot name one elsewhere. */
const shard = z.string().regex(/^[\w.-]{1,200}\.safetensors$/, "expected the name of a .safetensors file");

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), shard) });

/**
 * Reads all weights of a directory.
 *
 * @returns the tensors of every file, and the path to name where one of them is wrong.
 * @throws UsageError where a file is missing or damaged, or the index does not fit the files.
 */
export async function readWeights(directory: string): Promise<{ readonly file: Safetensors; readonly path: string }> {
  const path = join(directory, "model.safetensors");
  const indexPath = join(directory, "model.safetensors.index.json");
  const isSharded = !(await isFile(path)) && (await isFile(indexPath));
  if (!isSharded) return { file: await readFile(path), path };
  const text = await readTextIn("model", indexPath, MAX_INDEX_BYTES);
  const map = await inFile(indexPath, () => weightMap(text));
  const tensors = new Map<string, SafetensorsEntry>();
  for (const name of [...new Set(map.values())].toSorted()) {
    const shardPath = join(directory, name);
    const { tensors: part } = await readFile(shardPath);
    await inFile(shardPath, () => {
      for (const [tensor, entry] of part) {
        if (map.get(tensor) !== name) {
          throw new UsageError(`expected the tensors that the index names, got ${JSON.stringify(tensor)}`);
        }
        tensors.set(tensor, entry);
      }
    });
  }
  const missing = [...map.keys()].find((name) => !tensors.has(name));
  if (missing === undefined) return { file: { tensors, metadata: {} }, path: indexPath };
  throw new UsageError(
    `expected a tensor ${JSON.stringify(missing)} in ${JSON.stringify(join(directory, map.get(missing)!))}, got none`,
  );
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

async function readFile(path: string): Promise<Safetensors> {
  const bytes = await readBytesIn("model", path, MAX_WEIGHT_BYTES);
  return inFile(path, () => decodeSafetensors(bytes));
}

/** File by tensor. */
function weightMap(text: string): ReadonlyMap<string, string> {
  const result = indexSchema.safeParse(parseJson(text));
  if (result.success) return new Map(Object.entries(result.data.weight_map));
  const [{ path, message }] = result.error.issues;
  throw new UsageError(`expected an index of weights, got ${path.join(".")}: ${message}`);
}

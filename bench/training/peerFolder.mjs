// What JavaScript peers read of the folder that ours wrote (steps.mjs): configuration, weights, batches.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors, float32View } from "@llm-learning/nn-core";

/** @returns `config`, `weights` by name as `{ shape, data }`, and `batch(step)`: int32 `inputs` and `targets`, by turns. */
export function readPeerFolder(folder) {
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  const { tensors } = decodeSafetensors(new Uint8Array(readFileSync(join(folder, "model.safetensors"))));
  const weights = new Map(
    [...tensors].map(([name, entry]) => [name, { shape: entry.shape, data: float32View(entry) }]),
  );
  const { buffer, byteOffset, byteLength } = readFileSync(join(folder, "batches.bin"));
  const tokens = new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  const inputCount = config.batchSize * config.inputLength;
  const rowLength = tokens.length / config.batches;
  const batch = (step) => {
    const row = tokens.subarray((step % config.batches) * rowLength).subarray(0, rowLength);
    return { inputs: row.slice(0, inputCount), targets: row.slice(inputCount) };
  };
  return { config, weights, batch };
}

/**
 * What is to be served, decided before anything is opened: a wrong directory or too little memory is told at once.
 */

import { stat } from "node:fs/promises";
import { type ModelDirectory, modelName, readModelDirectory } from "../model/modelDirectory.ts";
import type { Settings } from "../settings/settingsTable.ts";
import { modelMemory } from "../scheduler/modelMemory.ts";
import { type MemoryShare, type MemoryWish, planMemory } from "../scheduler/planMemory.ts";
import { inLine, UsageError } from "../usageError.ts";
import { defaultMemory } from "./memoryPlan.ts";

/** A model to be served. */
export interface PlannedModel {
  readonly id: string;
  readonly directory: ModelDirectory;
  readonly slots: number;
  readonly prefixBytes: number;
}

export interface ServingPlan {
  readonly models: readonly PlannedModel[];
  /** Bytes of weights and caches in each process. */
  readonly bytes: number;
}

const namePattern = /^[A-Za-z0-9][\w.:/@-]{0,127}$/;
const megabyte = 1 << 20;

/** @throws UsageError in one line for what cannot be served. */
export async function planServing(settings: Settings): Promise<ServingPlan> {
  const { models: entries, weights, workers, prefixCache, maxBatch } = settings;
  if (entries.length === 0) {
    throw new UsageError(
      "expected a model directory, as llm-learning export writes it, got none; see llm-serve --help",
    );
  }
  const named = await Promise.all(entries.map(namedDirectory));
  const models = new Map<string, ModelDirectory>();
  for (const { id, path } of named) {
    if (!namePattern.test(id)) {
      throw new UsageError(
        `expected a name of letters, digits and . _ : / @ -, got ${JSON.stringify(id)}; name it as NAME=DIR`,
      );
    }
    if (models.has(id))
      throw new UsageError(`expected models of different names, got two of ${id}; name one as NAME=DIR`);
    models.set(id, await readModelDirectory(path, { weights }));
  }
  const wishes: MemoryWish[] = [];
  for (const [id, directory] of models) {
    const memory = await servable(directory, () =>
      modelMemory(directory.onnxPath, { blockSize: foreignBlockSize(directory) }),
    );
    wishes.push({ id, ...memory, slots: maxBatch, prefixBytes: prefixCache * megabyte });
  }
  const memory = settings.memory === undefined ? defaultMemory({ workers }) : settings.memory * megabyte;
  const shares = planned(wishes, memory);
  const planFor = ([id, directory]: [string, ModelDirectory], index: number): PlannedModel => {
    const { slots, prefixBytes } = shares[index];
    return { id, directory, slots, prefixBytes };
  };
  return { models: [...models].map(planFor), bytes: shares.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** The longest context of a model whose ONNX file does not say it: that of `config.json`. */
export function foreignBlockSize({ isOurs, blockSize }: ModelDirectory): number | undefined {
  return isOurs ? undefined : blockSize;
}

/** Does something with a model's ONNX file, whose faults are told in one line. */
export async function servable<T>({ onnxPath }: ModelDirectory, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const message = inLine((cause as Error).message);
    // Without the runtime it is the installation that is at fault, not the file.
    if (message.startsWith("loadOnnxruntime:")) throw cause;
    throw new UsageError(`expected a model that can be served, got ${JSON.stringify(onnxPath)}: ${message}`, { cause });
  }
}

function planned(wishes: readonly MemoryWish[], memory: number): MemoryShare[] {
  try {
    return planMemory(wishes, memory);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UsageError(`${cause.message.replace(/^planMemory: /, "")}, or raise --memory`, { cause });
  }
}

/** An entry is a directory, or a name and a directory; one whose path has a "=" is a directory still. */
async function namedDirectory(entry: string): Promise<{ id: string; path: string }> {
  const equals = entry.indexOf("=");
  if (equals <= 0 || (await stat(entry).catch(() => undefined)) !== undefined)
    return { id: modelName(entry), path: entry };
  return { id: entry.slice(0, equals), path: entry.slice(equals + 1) };
}

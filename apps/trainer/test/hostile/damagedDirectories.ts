/**
 * Directories of models and runs in which one file is damaged, and what is done with them: imported, opened to generate, opened as
 * a run, resumed.
 */

import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mutatedJson } from "@llm-learning/testing/mutatedJson";
import { mutatedMessage } from "@llm-learning/testing/mutatedMessage";
import { mutatedSafetensors } from "@llm-learning/testing/mutatedSafetensors";
import { mutatedBytes, type Random, randomFrom } from "@llm-learning/testing/mutations";
import { generateSamples, importModel, loadModel, openRun, runPaths, train, UsageError } from "@llm-learning/trainer";
import { loadRunData } from "../../src/run/runData.ts";
import { TrainingRun } from "../../src/training/trainingRun.ts";
import { tinyConfig, type TinyFolder } from "../tinyRun.ts";

const fixtures = fileURLToPath(new URL("../import/fixtures", import.meta.url));

export interface Outcome {
  /** How many were taken in spite of the damage. */
  readonly taken: number;
  /** What was thrown that is no UsageError of one line, with the number of the attempt. */
  readonly odd: readonly string[];
}

/** Imports a model of one of transformers' forms. */
export async function importDamaged(form: string, tiny: TinyFolder, count: number): Promise<Outcome> {
  const directory = tiny.path(`damaged-${form}`);
  cpSync(join(fixtures, form), directory, { recursive: true });
  const out = tiny.path(`imported-${form}`);
  const files = ["config.json", "tokenizer.json", "model.safetensors"];
  return withDamage(directory, files, count, async () => {
    rmSync(out, { recursive: true, force: true });
    try {
      await importModel({ directory, config: { data: tiny.data, threads: 1 }, out });
    } catch (error) {
      if (existsSync(out)) throw new Error("a run was left behind", { cause: error });
      throw error;
    }
  });
}

/** Opens an exported model, and has it write two tokens. */
export async function openDamaged(tiny: TinyFolder, count: number): Promise<Outcome> {
  const root = tiny.path("opened");
  await importModel({ directory: join(fixtures, "llama"), config: { data: tiny.data, threads: 1 }, out: root });
  const { model: directory } = runPaths(root);
  const files = ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model.onnx"];
  const options = { maxTokens: 2, temperature: 0, seed: 1, threads: 1 };
  return withDamage(directory, files, count, async () => {
    await generateSamples(directory, options);
  });
}

/** Opens a run with its best weights, and goes on from its last ones. */
export async function resumeDamaged(tiny: TinyFolder, count: number): Promise<Outcome> {
  const root = tiny.path("resumed");
  await train({ config: { ...tinyConfig(tiny.data), maxSteps: 3, sampleCount: 0 }, out: root });
  const paths = runPaths(root);
  const files = ["config.json", "tokenizer.json", "checkpoints/best.safetensors", "checkpoints/last.safetensors"];
  return withDamage(root, files, count, async () => {
    const run = await openRun(root);
    await loadModel(run, "best");
    const { config, tokenizer } = run;
    const data = await loadRunData(run, undefined);
    await TrainingRun.resume({ config, vocabSize: tokenizer.vocabSize, parts: data, dataHash: data.hash }, paths);
  });
}

async function withDamage(
  directory: string,
  files: readonly string[],
  count: number,
  action: () => Promise<void>,
): Promise<Outcome> {
  const random = randomFrom(1);
  const odd: string[] = [];
  let taken = 0;
  for (let i = 0; i < count; i++) {
    const file = files[i % files.length];
    const path = join(directory, file);
    const original = readFileSync(path);
    writeFileSync(path, damaged(file, original, random));
    try {
      await action();
      taken++;
    } catch (error) {
      if (!isClear(error)) odd.push(`${i}, ${file}: ${String(error)}`);
    }
    writeFileSync(path, original);
  }
  return { taken, odd };
}

function damaged(file: string, bytes: Uint8Array, random: Random): Uint8Array | string {
  if (random() < 0.2) return mutatedBytes(bytes, random);
  if (file.endsWith(".json")) return mutatedJson(JSON.parse(Buffer.from(bytes).toString()) as object, random);
  if (file.endsWith(".onnx")) return mutatedMessage(bytes, random);
  return mutatedSafetensors(bytes, random);
}

function isClear(error: unknown): boolean {
  if (!(error instanceof UsageError) || error.message.length > 1000) return false;
  const unquoted = error.message.replaceAll(/"(?:[^"\\]|\\.)*"/g, "");
  return (
    /^expected [^\n\r]+$/.test(error.message) && !/Maximum call|reading '|not a function|not iterable/.test(unquoted)
  );
}

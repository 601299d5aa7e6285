/**
 * Makes a run of a model that was trained elsewhere: at step 0, with its weights in place of random ones. What follows knows no
 * difference: `eval`, `sample`, `report` and `export` read it, and `train --resume` goes on from it, which is fine-tuning: of all
 * weights, or where the configuration has a `loraRank` of low-rank changes beside them.
 */

import { basename, resolve } from "node:path";
import { mergeLoRA } from "@llm-learning/models";
import { loadStateDict, type StateDict, stateDict } from "@llm-learning/nn-core";
import { resolveConfig } from "../config/resolveConfig.ts";
import type { TrainConfig, TrainConfigKey } from "../config/trainConfig.ts";
import { mixtureOf } from "../data/dataMixture.ts";
import { expectTokenizerOf, findTokenFolder } from "../data/tokenFolder.ts";
import { exportModel } from "../export/exportModel.ts";
import { checkWeightCount } from "../model/loadModel.ts";
import { modelParameterCount } from "../model/modelSize.ts";
import { writeConventions } from "../run/conventionsFile.ts";
import { chooseRunDirectory, createRun } from "../run/createRun.ts";
import { runPaths } from "../run/runPaths.ts";
import { absoluteData } from "../training/sourceData.ts";
import { readTokenizer } from "../tokenizer/readTokenizer.ts";
import { loadTrainingData } from "../training/trainingData.ts";
import { TrainingRun } from "../training/trainingRun.ts";
import { inFile, UsageError, withUserInput } from "../usageError.ts";
import { hubConventions } from "./hubConventions.ts";
import type { ImportedModel } from "./importedModel.ts";
import { readModelConfig, readModelWeights } from "./modelFiles.ts";
import { paddedTokenizer } from "./paddedTokenizer.ts";

export interface ImportModelOptions {
  /** The model directory: `config.json`, `tokenizer.json`, `model.safetensors`. */
  readonly directory: string;
  /** Keys of the run's configuration: its data, how it is trained on, a `blockSize` below the model's. */
  readonly config?: Partial<TrainConfig> | undefined;
  /** The run directory. @defaultValue `runs/NAME`, or `runs/NAME-2` and so on where that is taken */
  readonly out?: string | undefined;
}

export interface ImportedRun {
  readonly root: string;
  readonly config: TrainConfig;
  readonly parameterCount: number;
  readonly vocabSize: number;
  /** What the user should know of how the model was read, a sentence each. */
  readonly notes: readonly string[];
}

/** Small steps from where the model is, as nanoGPT's `finetune_shakespeare` takes them; sizes that a laptop bears. */
const fineTuning = {
  preset: "quickstart",
  dropout: 0,
  learningRate: 3e-5,
  schedule: "constant",
  warmupSteps: 0,
  weightDecay: 0.1,
  batchSize: 4,
  maxSteps: 200,
  evalInterval: 50,
  evalBatches: 10,
  checkpointInterval: 50,
} as const satisfies Partial<TrainConfig>;

/** Low-rank changes bear rates ten times as high (https://thinkingmachines.ai/blog/lora), and start at zero, where decay leads. */
const loraTuning = { learningRate: 3e-4, weightDecay: 0 } as const satisfies Partial<TrainConfig>;

/**
 * Reads a model into a run.
 *
 * @throws UsageError where the directory is damaged or of a form that is not known, the configuration asks for another model, the
 * data is missing or the tokenizer does not know its characters, or the run cannot be written.
 */
export async function importModel({ directory, config: changes = {}, out }: ImportModelOptions): Promise<ImportedRun> {
  const model = await readModelConfig(directory);
  const config = configOf(model, changes, resolve(directory));
  const root = await chooseRunDirectory(out, config.preset);
  const own = await withUserInput(() => readTokenizer(directory));
  for (const { data: path } of mixtureOf(config.data)) {
    const folder = await findTokenFolder(path);
    if (folder !== undefined) expectTokenizerOf(folder, own);
  }
  const data = await loadTrainingData(config, { tokenizer: paddedTokenizer(own, model.vocabSize) });
  const { tokenizer, hash: dataHash } = data;
  const { vocabSize } = tokenizer;
  const conventions = await hubConventions(directory, tokenizer);
  const weights = await readModelWeights(directory, (file) => {
    const values = model.weights(file, config.blockSize);
    // Before a model is made of what a damaged config.json says.
    checkWeightCount(values, config, vocabSize);
    return values;
  });
  const run = new TrainingRun({ config, vocabSize, parts: data, dataHash });
  await inFile(directory, () => loadStateDict(run.model, withAdapters(weights, stateDict(run.model))));

  const { release } = await createRun(root, { config, tokenizer }, async (paths) => {
    await writeConventions(paths.conventions, conventions);
    await run.save(paths.last);
    await run.saveWeights(paths.best);
  });
  try {
    const { model: outDir } = runPaths(root);
    mergeLoRA(run.model); // which has learned nothing yet
    const { model: kind, lines } = config;
    await exportModel({ model: run.model, tokenizer, conventions, kind, lines, outDir, step: 0 });
  } finally {
    run.close();
    release();
  }
  const padding = vocabSize - own.vocabSize;
  const notes = [
    ...(model.notes ?? []),
    ...(padding > 0 ? [`the model has ${padding} rows without a token, which are named <|unused_ID|>`] : []),
  ];
  return { root, config, parameterCount: modelParameterCount(config, vocabSize), vocabSize, notes };
}

/** The imported weights, and a model's low-rank changes as they start. */
function withAdapters(weights: StateDict, model: StateDict): StateDict {
  return new Map([...weights, ...[...model].filter(([name]) => name.includes(".adapter."))]);
}

/** The configuration of the run: what the model decides, what fine-tuning wants, what the user says. */
function configOf({ config: own }: ImportedModel, changes: Partial<TrainConfig>, directory: string): TrainConfig {
  const { data } = changes;
  for (const key of Object.keys(own) as TrainConfigKey[]) {
    const given = changes[key];
    if (given === undefined || JSON.stringify(given) === JSON.stringify(own[key])) continue;
    if (key === "blockSize" && (given as number) < own.blockSize) continue;
    const most = key === "blockSize" ? "at most " : "";
    throw new UsageError(
      `expected ${key} ${most}${JSON.stringify(own[key])}, as the model has it, got ${JSON.stringify(given)}`,
    );
  }
  const config = resolveConfig({
    ...fineTuning,
    ...((changes.loraRank ?? 0) > 0 && loraTuning),
    ...own,
    ...changes,
    preset: fineTuning.preset,
    tokenizer: directory,
    ...(data !== undefined && { data: absoluteData(data) }),
  });
  return { ...config, preset: basename(directory) || "import" };
}

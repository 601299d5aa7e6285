/**
 * A run's model with the weights of one of its checkpoints.
 */

import { Rng } from "@llm-learning/init";
import { type LanguageModel, mergeLoRA } from "@llm-learning/models";
import { loadStateDict, type StateDict } from "@llm-learning/nn-core";
import type { TrainConfig } from "../config/trainConfig.ts";
import { type OptimizerState, readCheckpoint } from "../run/checkpoint.ts";
import { type Run } from "../run/openRun.ts";
import { inFile, UsageError } from "../usageError.ts";
import { buildModel } from "./buildModel.ts";
import { modelParameterCount } from "./modelSize.ts";

export interface LoadedModel {
  /** Of plain weights: what LoRA learned is part of them. */
  readonly model: LanguageModel;
  /** Steps that the weights were trained. */
  readonly step: number;
  /** Validation loss that these weights had in training, in nats per token; undefined where it was not taken. */
  readonly valLoss: number | undefined;
  /** What the optimizer remembers; undefined with the best weights, which nothing continues from. */
  readonly optimizer: OptimizerState | undefined;
  /** Fingerprint of the data that they were trained on. */
  readonly dataHash: string;
  /** The file they come from. */
  readonly path: string;
}

/**
 * Builds a run's model and loads a checkpoint into it.
 *
 * @param which - "best" is the lowest validation loss; a run that was stopped before its first evaluation has only "last".
 * @throws UsageError where there is no such checkpoint, it is damaged, or it is of another model.
 */
export async function loadModel(run: Run, which: "best" | "last"): Promise<LoadedModel> {
  const path = run.paths[which];
  const checkpoint = await readCheckpoint(path);
  if (checkpoint === undefined) {
    throw new UsageError(`expected a run with a checkpoint, got none at ${JSON.stringify(path)}: train it first`);
  }
  const { state, weights, optimizer } = checkpoint;
  const model = await inFile(path, () => {
    checkWeightCount(weights, run.config, run.tokenizer.vocabSize);
    const built = buildModel(run.config, run.tokenizer.vocabSize, new Rng(0));
    loadStateDict(built, weights);
    mergeLoRA(built);
    return built;
  });
  const valLoss = state.best?.step === state.step ? state.best.valLoss : undefined;
  return { model, step: state.step, valLoss, optimizer, dataHash: state.dataHash, path };
}

/**
 * Compares the number of weights with what the configuration asks for, before a model of that size is built: so that no more is
 * allocated than the file holds. A model may have more of them than it learns, such as running statistics.
 *
 * @throws UsageError where there are fewer.
 */
export function checkWeightCount(weights: StateDict, config: TrainConfig, vocabSize: number): void {
  let count = 0;
  for (const { data } of weights.values()) count += data.length;
  const expected = modelParameterCount(config, vocabSize);
  if (count >= expected) return;
  throw new UsageError(
    `expected the ${expected} weights of the run's config.json and tokenizer.json, got ${count}: they are of another model`,
  );
}

/**
 * What follows training: the best weights as a model directory, the loss of an n-gram model to compare with, and samples
 * that the exported ONNX model writes.
 */

import { writeFileAtomic } from "@llm-learning/datasets/node";
import { type BaselineOutcome, ngramBaseline } from "../evaluation/ngramBaseline.ts";
import { modelKinds } from "../model/modelKinds.ts";
import { exportModel } from "../export/exportModel.ts";
import { trainingRecord } from "../export/trainingRecord.ts";
import { generateSamples } from "../generation/generateSamples.ts";
import { loadModel } from "../model/loadModel.ts";
import type { Run } from "../run/openRun.ts";
import { evaluationBatches } from "./evaluation.ts";
import { joinedTokens } from "./joinedTokens.ts";
import type { TrainingControl } from "./trainingLoop.ts";
import type { TrainingRun } from "./trainingRun.ts";

/** Exports the best weights of `run` to its model directory. @returns their step. */
export async function exportBest(run: Run, { emit }: TrainingControl): Promise<number> {
  const { model, step, valLoss } = await loadModel(run, "best");
  const { outDir, warnings } = await exportModel({
    model,
    tokenizer: run.tokenizer,
    conventions: run.conventions,
    record: await trainingRecord(run, step),
    kind: run.config.model,
    lines: run.config.lines,
    outDir: run.paths.model,
    step,
    validationLoss: valLoss,
  });
  emit({ type: "exported", path: outDir, step, warnings });
  return step;
}

/** Counts n-grams of the training part, and keeps how well they predict what the run's validation loss is measured on. */
export async function writeBaseline(run: TrainingRun, path: string): Promise<BaselineOutcome> {
  const { evalBatches: count, lines: isWhole } = run.config;
  const baseline = ngramBaseline({
    train: joinedTokens(run.tokens.train),
    vocabSize: run.model.config.vocabSize,
    boundary: run.tokens.boundary,
    batches: evaluationBatches(run.validation, { batchSize: run.evaluationBatchSize, count, isWhole }),
    blockSize: run.validation.inputLength,
    context: modelKinds[run.config.model].context,
  });
  await writeFileAtomic(path, `${JSON.stringify(baseline, null, 2)}\n`);
  return baseline;
}

/** Generates the configuration's samples with the exported weights of `step`; ends early once training is stopped. */
export async function writeSamples(
  { config, paths }: Run,
  step: number,
  { emit, wishes }: TrainingControl,
): Promise<void> {
  const { sampleCount: count, sampleTokens: maxTokens, temperature, seed } = config;
  if (count === 0) return;
  const stop = new AbortController();
  const onText = (index: number, text: string): void => {
    if (wishes.isStopped) stop.abort();
    // Samples come side by side; only one of them can be shown as it comes.
    if (index === 0) emit({ type: "sample", step, index, text });
  };
  try {
    const { samples } = await generateSamples(paths.model, {
      count,
      maxTokens,
      temperature,
      seed,
      onText,
      signal: stop.signal,
    });
    for (const [index, { text }] of samples.entries()) if (index > 0) emit({ type: "sample", step, index, text });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

/**
 * About how much memory training takes: known before anything is allocated, so that a model which cannot fit is refused in a
 * line instead of being killed by the system.
 */

import { totalmem } from "node:os";
import type { TrainConfig } from "../config/trainConfig.ts";
import { modelKinds } from "../model/modelKinds.ts";
import { UsageError } from "../usageError.ts";
import type { TrainingData } from "./trainingData.ts";

/** Node with its two threads, the native runtime, the program and a text of a few megabytes. */
const BASE_BYTES = 215e6;

/** Copies of each parameter: weights, gradients, and what a checkpoint and an exported model are made of. */
const COPIES = 4;

/** Bytes for each value that Muon's programs work on, about six copies; they keep their memory. */
const MUON_BYTES = 24;

/**
 * Bytes that training with a configuration takes at its peak: for gpt and llama fitted to the measured peaks of eleven runs, and within
 * 10 % of each (`memoryEstimate.slow.test.ts` measures some of them again).
 *
 *     parameters * 4 bytes * copies                 what the optimizer remembers, averages and added-up gradients among them
 *     tokens per batch * 4 bytes * activations      what both passes keep of a token, or need for the part that they are at
 *
 * @param data - How many kinds of tokens there are, and how many examples to train on.
 */
function estimateTrainingMemory(
  config: TrainConfig,
  { tokenizer: { vocabSize }, trainExamples }: TrainingData,
): number {
  const tokens = (config.batchSize === 0 ? trainExamples : config.batchSize) * config.blockSize;
  const kind = modelKinds[config.model];
  const parameters = kind.parameterCount(config, vocabSize);
  // With LoRA, only its few parameters have any of that; the others are copied where they are merged.
  const isFrozen = config.loraRank > 0;
  const copies = COPIES + (isFrozen ? 0 : learnedCopies(config));
  const programs = isFrozen || config.optimizer !== "muon" ? 0 : MUON_BYTES * Math.min(parameters, muonValues(config));
  return BASE_BYTES + 4 * copies * parameters + programs + 4 * tokens * kind.activations(config, vocabSize, tokens);
}

/** Of each parameter, what grows with the steps: moments, sums of gradients, averages. */
function learnedCopies({ optimizer, momentum = 0, gradientAccumulation, averaging }: TrainConfig): number {
  const moments = { adamw: 2, adam: 2, lion: 1, muon: 1, sgd: momentum > 0 ? 1 : 0 }[optimizer];
  return moments + (gradientAccumulation > 1 ? 1 : 0) + (averaging === "none" ? 0 : 1);
}

/** Values of the matrices of each shape that Muon takes at once: a million, or a large one alone. */
function muonValues({ nEmbd = 0 }: TrainConfig): number {
  return 2 ** 20 + 9 * nEmbd ** 2;
}

/**
 * @returns what {@link estimateTrainingMemory} does.
 * @throws UsageError where the machine, or the container, has less memory than training is sure to take.
 */
export function checkTrainingMemory(config: TrainConfig, data: TrainingData): number {
  const needed = estimateTrainingMemory(config, data);
  const limit = process.constrainedMemory();
  const available = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  // The estimate may be too high, of models less measured by a third; swap and luck are not counted on.
  if (needed / 1.5 <= available) return needed;
  throw new UsageError(
    `expected a model and batches that fit in ${gigabytes(available)} of memory, got sizes that take about ` +
      `${gigabytes(needed)}: use a smaller batchSize, blockSize, nEmbd or nLayer`,
  );
}

function gigabytes(bytes: number): string {
  return `${Number((bytes / 1e9).toPrecision(3))} GB`;
}

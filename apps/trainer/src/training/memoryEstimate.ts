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

/** Copies of each parameter: weights, gradients, two moments, and what a checkpoint and an exported model are made of. */
const COPIES = 6;

/** As many with LoRA: weights that are frozen have neither gradients nor moments. */
const FROZEN_COPIES = 4;

/**
 * Bytes that training with a configuration takes at its peak: for gpt and llama fitted to the measured peaks of eleven runs, and within
 * 10 % of each (`memoryEstimate.slow.test.ts` measures some of them again).
 *
 *     parameters * 4 bytes * copies                 one more where the gradients of several batches are added up, and where weights are
 *                                                   averaged
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
  const copies =
    (config.loraRank > 0 ? FROZEN_COPIES : COPIES) +
    (config.gradientAccumulation > 1 ? 1 : 0) +
    (config.averaging === "none" ? 0 : 1);
  const parameters = 4 * copies * kind.parameterCount(config, vocabSize);
  return BASE_BYTES + parameters + 4 * tokens * kind.activations(config, vocabSize, tokens);
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

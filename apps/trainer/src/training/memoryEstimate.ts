/**
 * About how much memory training takes: known before anything is allocated, so that a model which cannot fit is refused in a
 * line instead of being killed by the system.
 */

import { totalmem } from "node:os";
import type { TrainConfig } from "../config/trainConfig.ts";
import { modelKinds } from "../model/modelKinds.ts";
import { UsageError } from "../usageError.ts";
import type { TrainingData } from "./trainingData.ts";

/** Node, the native runtime and the program itself. */
const BASE_BYTES = 150e6;

/**
 * Bytes that training with a configuration takes at its peak: for GPT fitted to measured peaks of five sizes of model and batch, and
 * within a third of each. The runtime's arena grows by doubling, which no formula follows closer.
 *
 *     parameters * 4 bytes * 9                      weights, gradients twice (the runtime's and ours), two moments, a file being written
 *     parameters * 4 bytes                          the sum of the gradients of several batches, where a step takes several
 *     parameters * 4 bytes * 5                      with LoRA: those of a frozen weight, and of the few that are learned
 *     tokens per batch * 4 bytes * activations      what both passes keep of a token
 *
 * @param data - How many kinds of tokens there are, and how many examples to train on.
 */
function estimateTrainingMemory(
  config: TrainConfig,
  { tokenizer: { vocabSize }, trainExamples }: TrainingData,
): number {
  const batchSize = config.batchSize === 0 ? trainExamples : config.batchSize;
  const kind = modelKinds[config.model];
  const accumulated = config.gradientAccumulation > 1 ? 1 : 0;
  const parameters = 4 * ((config.loraRank > 0 ? 5 : 9) + accumulated) * kind.parameterCount(config, vocabSize);
  const activations = 4 * batchSize * config.blockSize * kind.activations(config, vocabSize);
  return BASE_BYTES + parameters + activations;
}

/**
 * @returns what {@link estimateTrainingMemory} does.
 * @throws UsageError where the machine, or the container, has less memory than training is sure to take.
 */
export function checkTrainingMemory(config: TrainConfig, data: TrainingData): number {
  const needed = estimateTrainingMemory(config, data);
  const limit = process.constrainedMemory();
  const available = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  // The estimate may be too high by a third; swap and luck are not counted on.
  if (needed / 1.5 <= available) return needed;
  throw new UsageError(
    `expected a model and batches that fit in ${gigabytes(available)} of memory, got sizes that take about ` +
      `${gigabytes(needed)}: use a smaller batchSize, blockSize, nEmbd or nLayer`,
  );
}

function gigabytes(bytes: number): string {
  return `${Number((bytes / 1e9).toPrecision(3))} GB`;
}

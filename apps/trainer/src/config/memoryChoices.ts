/**
 * What a configuration may ask for to save memory.
 */

import { UsageError } from "../usageError.ts";
import type { TrainConfig } from "./trainConfig.ts";

/** @throws UsageError for checkpointing of a model without blocks, or gradients of several batches where a batch cannot be taken in parts. */
export function checkMemoryChoices(config: TrainConfig): void {
  const { model, batchSize, batchNorm, gradientAccumulation, activationCheckpointing } = config;
  if (activationCheckpointing && model !== "gpt" && model !== "llama") {
    throw new UsageError(`expected activationCheckpointing only with model gpt or llama, got model ${model}`);
  }
  if (gradientAccumulation > 1 && (batchSize === 0 || batchNorm === true)) {
    const why =
      batchSize === 0
        ? "batchSize 0, which takes every line at once"
        : "batchNorm, whose statistics are those of a whole batch";
    throw new UsageError(`expected gradientAccumulation 1 with ${why}, got ${gradientAccumulation}`);
  }
}

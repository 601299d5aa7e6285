/**
 * Which settings of optimizer and schedule fit one another.
 */

import { UsageError } from "../usageError.ts";
import type { TrainConfig } from "./trainConfig.ts";

/** @throws UsageError for the first that do not. */
export function checkOptimization(config: TrainConfig): void {
  const { learningRate, minLearningRate, warmupSteps, decaySteps, schedule } = config;
  if (minLearningRate > learningRate) {
    throw new UsageError(`expected minLearningRate of at most learningRate ${learningRate}, got ${minLearningRate}`);
  }
  if (config.nesterov === true && config.momentum === 0) {
    throw new UsageError("expected momentum greater than 0 with nesterov, got 0");
  }
  if (config.outputRate !== undefined && config.tieWeights === true) {
    throw new UsageError(
      `expected outputRate only with untied weights, got ${config.outputRate} with tieWeights: embeddingRate is theirs`,
    );
  }
  if (config.baseWidth !== undefined && (config.tieWeights !== false || config.nEmbd === undefined)) {
    throw new UsageError(
      `expected baseWidth only of gpt and llama with untied weights, got ${config.baseWidth} with model ${config.model}` +
        `${config.tieWeights === true ? " and tied weights: give --no-tie-weights" : ""}`,
    );
  }
  const falls = schedule === "cosine" || schedule === "linear" || schedule === "wsd";
  if (falls && decaySteps <= warmupSteps) {
    throw new UsageError(
      `expected decaySteps greater than warmupSteps ${warmupSteps}, got ${decaySteps}: use fewer warmupSteps`,
    );
  }
  if (schedule === "wsd" && cooldownSteps(config) > decaySteps - warmupSteps) {
    throw new UsageError(
      `expected a cooldownFraction of decaySteps ${decaySteps} that leaves room for warmupSteps ${warmupSteps}, ` +
        `got ${config.cooldownFraction}`,
    );
  }
}

/** Steps in which the rate of wsd falls. */
export function cooldownSteps({ cooldownFraction = 1, decaySteps }: TrainConfig): number {
  return Math.max(1, Math.round(cooldownFraction * decaySteps));
}

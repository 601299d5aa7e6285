/**
 * What a run knows of how its weights came about, for the card of the exported model.
 */

import type { TrainConfig } from "../config/trainConfig.ts";
import { readTextIn } from "../foreignDirectory.ts";
import { parseMetrics } from "../run/metrics.ts";
import type { Run } from "../run/openRun.ts";
import { UsageError } from "../usageError.ts";

export interface TrainingRecord {
  readonly config: TrainConfig;
  /** The weights came from elsewhere, and were trained further here. */
  readonly imported: boolean;
  /** Loss on places of the training part that the weights had, in nats per token; undefined where it was not taken. */
  readonly trainLoss?: number | undefined;
}

/** Far above what is ever written: a million lines. */
const MAX_METRICS_BYTES = 1 << 28;

/** The record of a run's weights of `step`. */
export async function trainingRecord({ config, paths, conventions }: Run, step: number): Promise<TrainingRecord> {
  const text = await readTextIn("run", paths.metrics, MAX_METRICS_BYTES).catch((error: unknown) => {
    // A run that was imported has no metrics yet.
    if (error instanceof UsageError) return "";
    throw error;
  });
  return {
    config,
    imported: conventions !== undefined,
    trainLoss: parseMetrics(text).findLast((line) => line.step === step)?.evalTrainLoss,
  };
}

/**
 * The lines that a run was trained on, to tell what its model made up from what it knows by heart.
 */

import type { TrainConfig } from "../config/trainConfig.ts";
import { readData } from "../training/sourceData.ts";
import { splitLines } from "../training/splitLines.ts";
import { withUserInput } from "../usageError.ts";

/**
 * Reads the training part of a run's lines again.
 *
 * @throws UsageError where its data is not where it was, or has become something else.
 */
export async function trainingLines(config: TrainConfig): Promise<ReadonlySet<string>> {
  return withUserInput(async () => new Set(splitLines(await readData(config.data), config).train));
}

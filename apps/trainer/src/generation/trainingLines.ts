/**
 * The lines that a run was trained on, to tell what its model made up from what it knows by heart.
 */

import { readCheckpoint } from "../run/checkpoint.ts";
import type { Run } from "../run/openRun.ts";
import { readData } from "../training/sourceData.ts";
import { splitLines } from "../training/splitLines.ts";
import { loadTrainingData } from "../training/trainingData.ts";
import { UsageError, withUserInput } from "../usageError.ts";

/**
 * Reads the training part of a run's lines again.
 *
 * @throws UsageError where its data is not where it was, or has become something else.
 */
export async function trainingLines({ config, tokenizer, paths }: Run): Promise<ReadonlySet<string>> {
  const { hash } = await loadTrainingData(config, { tokenizer });
  const checkpoint = await readCheckpoint(paths.best);
  if (checkpoint !== undefined && checkpoint.state.dataHash !== hash) {
    throw new UsageError(
      `expected the lines that the run was trained on, got others in ${JSON.stringify(config.data)}`,
    );
  }
  return withUserInput(async () => new Set(splitLines(await readData(config.data), config).train));
}

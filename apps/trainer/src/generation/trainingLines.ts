/**
 * The lines that a run was trained on, to tell what its model made up from what it knows by heart.
 */

import { mixtureOf } from "../data/dataMixture.ts";
import { readCheckpoint } from "../run/checkpoint.ts";
import type { Run } from "../run/openRun.ts";
import { loadRunData } from "../run/runData.ts";
import { readData } from "../training/sourceData.ts";
import { splitLines } from "../training/splitLines.ts";
import { withUserInput } from "../usageError.ts";

/**
 * Reads the training part of a run's lines again.
 *
 * @throws UsageError where its data is not where it was, or has become something else.
 */
export async function trainingLines(run: Run): Promise<ReadonlySet<string>> {
  const { config, paths } = run;
  await loadRunData(run, (await readCheckpoint(paths.best))?.state.dataHash);
  const [{ data }] = mixtureOf(config.data);
  return withUserInput(async () => new Set(splitLines(await readData(data), config).train));
}

/**
 * The data that a run was trained on, read again and known again: what is said of other data would be wrong of the run.
 */

import { loadTrainingData, type TrainingData } from "../training/trainingData.ts";
import { UsageError } from "../usageError.ts";
import type { Run } from "./openRun.ts";

/**
 * Reads and encodes the data of a run.
 *
 * @param dataHash - The fingerprint in the run's checkpoint; undefined where there is none yet.
 * @throws UsageError where the data is not where it was, or has become something else.
 */
export async function loadRunData({ config, tokenizer }: Run, dataHash: string | undefined): Promise<TrainingData> {
  const data = await loadTrainingData(config, { tokenizer });
  if (dataHash === undefined || data.hash === dataHash) return data;
  const [expected, got] = config.lines ? ["lines", "others"] : ["text", "another"];
  throw new UsageError(
    `expected the ${expected} that the run was trained on, got ${got} in ${JSON.stringify(config.data)}`,
  );
}

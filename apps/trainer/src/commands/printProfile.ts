/**
 * `llm-learning train --profile`: where the time of a step goes, as tables or as a JSON document.
 */

import { expectNoLora } from "../config/loraChoices.ts";
import { resolveConfig } from "../config/resolveConfig.ts";
import type { TrainConfig } from "../config/trainConfig.ts";
import { describeProfile } from "../profile/describeProfile.ts";
import { profileTraining } from "../profile/profileTraining.ts";
import { WorkProgress } from "../terminal/workProgress.ts";
import { absoluteTokenizer } from "../tokenizer/tokenizerNames.ts";
import { ownTokenizer } from "../training/folderData.ts";
import { absoluteData } from "../training/sourceData.ts";
import { loadTrainingData } from "../training/trainingData.ts";
import { withUserInput } from "../usageError.ts";
import { untilStopped } from "./untilStopped.ts";

/** Profiles `steps` steps of what `changes` say, and prints what was found. */
export async function printProfile(
  changes: Partial<TrainConfig>,
  { steps, json }: { readonly steps: number; readonly json: boolean },
): Promise<void> {
  const { data, tokenizer } = changes;
  const given = {
    ...changes,
    ...(data !== undefined && { data: absoluteData(data) }),
    ...(tokenizer !== undefined && { tokenizer: absoluteTokenizer(tokenizer) }),
  };
  const config = resolveConfig({ ...(await ownTokenizer(given)), ...given });
  expectNoLora(config);
  const progress = new WorkProgress(process.stderr);
  const onStep = (step: number, total: number): void => progress.update(step, total, "steps");
  const profile = await untilStopped(async (signal) => {
    try {
      const text = await loadTrainingData(config);
      return await withUserInput(() => profileTraining(config, text, { steps, signal, onStep }));
    } finally {
      progress.stop();
    }
  });
  if (profile === undefined) return;
  process.stdout.write(json ? `${JSON.stringify({ ...profile, config }, null, 2)}\n` : describeProfile(profile));
}

/**
 * One session of training, from reading the checkpoint to the closing samples: what the worker thread does.
 */

import type { TokenizerJson } from "@llm-learning/tokenizers";
import type { TrainConfig } from "../config/trainConfig.ts";
import { writeConfig } from "../run/createRun.ts";
import { noRoomReason } from "../run/noRoom.ts";
import { runPaths } from "../run/runPaths.ts";
import { tokenizerOfDocument } from "../tokenizer/parseTokenizer.ts";
import { exportBest, writeBaseline, writeSamples } from "./closing.ts";
import { type TrainingControl, trainingLoop } from "./trainingLoop.ts";
import type { TokenParts } from "./tokenParts.ts";
import { TrainingRun } from "./trainingRun.ts";
import type { TrainingOutcome } from "./trainingEvent.ts";

/** Plain data, to be sent to a worker thread. */
export interface SessionInput {
  readonly root: string;
  readonly config: TrainConfig;
  readonly tokenizer: TokenizerJson;
  readonly parts: TokenParts;
  readonly dataHash: string;
  /** Go on from the last checkpoint, if there is one. */
  readonly resume: boolean;
}

/**
 * Trains, exports the best weights, compares them with n-grams, and writes samples.
 *
 * @throws UsageError where there is a checkpoint to go on from and it does not fit; Error where the disk is full.
 */
export async function trainingSession(input: SessionInput, control: TrainingControl): Promise<TrainingOutcome> {
  const { root, config, parts, dataHash, resume } = input;
  const paths = runPaths(root);
  const tokenizer = tokenizerOfDocument(input.tokenizer);
  const options = { config, vocabSize: tokenizer.vocabSize, parts, dataHash };
  const run = resume ? await TrainingRun.resume(options, paths) : new TrainingRun(options);
  try {
    // Only now is it sure that the run can go on with a configuration that was changed.
    if (resume) await writeConfig(paths.config, config);

    const outcome = await trainingLoop(run, { tokenizer, paths }, control);
    if (outcome.status !== "finished") return outcome;
    const step = await exportBest({ config, tokenizer, paths }, control);
    const baseline = await writeBaseline(run, paths.baseline);
    await writeSamples({ config, tokenizer, paths }, step, control);
    return { ...outcome, baseline };
  } catch (error) {
    const reason = noRoomReason(error);
    if (reason === undefined) throw error;
    const { checkpointStep } = run;
    const kept = checkpointStep === undefined ? "" : `; the checkpoint of step ${checkpointStep} is kept`;
    throw new Error(
      `expected room for the run in ${JSON.stringify(root)}, got ${reason}${kept}: make some, and go on with --resume`,
      { cause: error },
    );
  } finally {
    run.close();
  }
}

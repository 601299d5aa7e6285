/**
 * Training as a function: first a plan, which checks everything that can be checked and writes nothing, then its execution.
 */

import type { TokenizerJson } from "@llm-learning/tokenizers";
import { resumedConfig } from "../config/configHash.ts";
import { expectNoLora } from "../config/loraChoices.ts";
import { resolveConfig } from "../config/resolveConfig.ts";
import type { TrainConfig } from "../config/trainConfig.ts";
import { modelParameterCount } from "../model/modelSize.ts";
import { chooseRunDirectory, createRun } from "../run/createRun.ts";
import { clearLeftovers } from "../run/leftovers.ts";
import { openRun, type Run } from "../run/openRun.ts";
import { lockRun } from "../run/runLock.ts";
import { runPaths } from "../run/runPaths.ts";
import { readTokenizer } from "../tokenizer/readTokenizer.ts";
import { absoluteTokenizer, isTokenizerKind } from "../tokenizer/tokenizerNames.ts";
import { UsageError } from "../usageError.ts";
import { expectEngine } from "./expectEngine.ts";
import { checkTrainingMemory } from "./memoryEstimate.ts";
import { startSession, type SessionOptions } from "./startSession.ts";
import type { LearningProgress } from "../tokenizer/learnBpe.ts";
import { ownTokenizer } from "./folderData.ts";
import { absoluteData } from "./sourceData.ts";
import { loadTrainingData, type TrainingData } from "./trainingData.ts";
import type { TrainingOutcome } from "./trainingEvent.ts";

export interface TrainOptions {
  /** What differs from the preset (or, with `resume`, from the run). @defaultValue preset "quickstart" */
  readonly config?: Partial<TrainConfig>;
  /** The run directory. @defaultValue `runs/PRESET`, or `runs/PRESET-2` and so on where that is taken */
  readonly out?: string | undefined;
  /** Go on with the run in `out`. @defaultValue false */
  readonly resume?: boolean;
  /** Told how far the training of the tokenizer is, where there is one to be trained. */
  readonly onLearning?: LearningProgress | undefined;
  /** Told the size of the text in bytes before it is encoded, which takes a while where there is much. */
  readonly onEncoding?: ((bytes: number) => void) | undefined;
}

/** What will be trained. */
export interface TrainPlan {
  readonly root: string;
  readonly config: TrainConfig;
  readonly data: TrainingData;
  readonly parameterCount: number;
  /** About how many bytes training takes. */
  readonly estimatedMemory: number;
  readonly resume: boolean;
}

/**
 * Checks options, data and directory, and writes nothing.
 *
 * @throws UsageError naming the first thing that is wrong.
 */
export async function planTraining(options: TrainOptions): Promise<TrainPlan> {
  const { config: changes = {}, out, resume = false, onLearning, onEncoding } = options;
  const { data, tokenizer } = changes;
  const given = {
    ...changes,
    ...(data !== undefined && { data: absoluteData(data) }),
    ...(tokenizer !== undefined && { tokenizer: absoluteTokenizer(tokenizer) }),
  };
  if (!resume) {
    const config = resolveConfig({ ...(await ownTokenizer(given)), ...given });
    expectNoLora(config);
    await expectEngine(config);
    const root = await chooseRunDirectory(out, config.preset);
    return plan(root, config, await loadTrainingData(config, { onLearning, onEncoding }), resume);
  }
  if (out === undefined) throw new UsageError("expected --out RUN, the run to resume, got none");
  const run = await openRun(out);
  const config = resumedConfig(run.config, await withTokenizerOf(run, given));
  await expectEngine(config);
  return plan(out, config, await loadTrainingData(config, { tokenizer: run.tokenizer, onEncoding }), resume);
}

/** Changes in which a tokenizer file that is the run's own goes by the name that the run has for it. */
async function withTokenizerOf(run: Run, changes: Partial<TrainConfig>): Promise<Partial<TrainConfig>> {
  const { tokenizer } = changes;
  if (tokenizer === undefined || isTokenizerKind(tokenizer)) return changes;
  const given = await readTokenizer(tokenizer);
  if (JSON.stringify(given) === JSON.stringify(run.tokenizer)) return { ...changes, tokenizer: run.config.tokenizer };
  throw new UsageError(
    `expected the tokenizer of the run to be resumed, got ${JSON.stringify(tokenizer)}, which is another: leave it out, ` +
      "or begin another run without --resume",
  );
}

function plan(root: string, config: TrainConfig, data: TrainingData, resume: boolean): TrainPlan {
  const parameterCount = modelParameterCount(config, data.tokenizer.vocabSize);
  const estimatedMemory = checkTrainingMemory(config, data);
  return { root, config, data, parameterCount, estimatedMemory, resume };
}

/**
 * Trains as planned: writes the run directory, exports the best weights to its `model` folder, and generates samples.
 *
 * @throws UsageError where the directory was taken meanwhile, or a checkpoint to go on from does not fit.
 */
export async function executePlan(plan: TrainPlan, options: SessionOptions): Promise<TrainingOutcome> {
  const { root, config, data, resume } = plan;
  const paths = runPaths(root);
  const release = resume
    ? await lockRun(paths.lock)
    : (await createRun(root, { config, tokenizer: data.tokenizer })).release;
  try {
    if (resume) await clearLeftovers(paths);
    const tokenizer: TokenizerJson = data.tokenizer.toJSON();
    const { sources, boundary, hash: dataHash } = data;
    const parts = { sources, boundary };
    return await startSession({ root, config, tokenizer, parts, dataHash, resume }, options);
  } finally {
    release();
  }
}

/**
 * Plans and trains.
 *
 * @example
 * ```ts
 * const { best } = await train({ config: { preset: "nanogpt-cpu", data: "book.txt" }, out: "runs/book" });
 * ```
 */
export async function train(options: TrainOptions & Partial<SessionOptions>): Promise<TrainingOutcome> {
  const { onEvent = () => undefined, signal, wishes } = options;
  return executePlan(await planTraining(options), { onEvent, signal, wishes });
}

/**
 * What training changes, in one place: weights, optimizer, the place in the data, the record of evaluations. Made anew or
 * from a checkpoint, and written to one; it takes no steps itself.
 */

import { stat } from "node:fs/promises";
import type { Batch, ExampleSet } from "@llm-learning/datasets";
import { Rng } from "@llm-learning/init";
import type { LanguageModel } from "@llm-learning/models";
import { loadStateDict, stateDict } from "@llm-learning/nn-core";
import { configHash } from "../config/configHash.ts";
import type { TrainConfig } from "../config/trainConfig.ts";
import { buildModel } from "../model/buildModel.ts";
import { checkWeightCount } from "../model/loadModel.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../run/checkpoint.ts";
import type { RunPaths } from "../run/runPaths.ts";
import { inFile, UsageError } from "../usageError.ts";
import { Averaging } from "./averaging.ts";
import { BatchOrder } from "./batchOrder.ts";
import { type EvaluationRecord, noEvaluations } from "./evaluationRecord.ts";
import { groupsOf } from "./mixedExamples.ts";
import { createOptimizer, type Optimizer } from "./optimizer.ts";
import { openParts, type OpenParts, type TokenParts } from "./tokenParts.ts";
import { trainingExamples } from "./trainingExamples.ts";

export interface TrainingRunOptions {
  readonly config: TrainConfig;
  readonly vocabSize: number;
  readonly parts: TokenParts;
  /** Fingerprint of the tokens. */
  readonly dataHash: string;
}

/** Of the examples that a run sees all at once, as many are evaluated at once. */
const WHOLE_EVALUATION_BATCH = 256;

export class TrainingRun {
  readonly config: TrainConfig;
  readonly model: LanguageModel;
  readonly optimizer: Optimizer;
  /** Undefined where the weights of now are evaluated and exported. */
  readonly averaging: Averaging | undefined;
  /** The examples that are trained on. */
  readonly train: ExampleSet;
  /** The examples that are only evaluated on. */
  readonly validation: ExampleSet;
  /** The tokens that they are of. */
  readonly tokens: OpenParts;
  readonly #dataHash: string;
  readonly #dropoutRng: Rng;
  #order: BatchOrder;

  /** Steps taken. */
  step = 0;
  /** Steps taken at the newest checkpoint; undefined before there is one. */
  checkpointStep: number | undefined;
  record: EvaluationRecord = noEvaluations;

  constructor({ config, vocabSize, parts, dataHash }: TrainingRunOptions) {
    const rng = new Rng(config.seed);
    this.config = config;
    this.model = buildModel(config, vocabSize, rng.fork("weights"));
    this.optimizer = createOptimizer(this.model, config);
    this.averaging = Averaging.of(this.model, config);
    this.tokens = openParts(parts);
    const { train, validation } = trainingExamples(this.tokens, { ...config, predicts: this.model.predicts });
    this.train = train;
    this.validation = validation;
    this.#dataHash = dataHash;
    this.#dropoutRng = rng.fork("dropout");
    this.#order = BatchOrder.begin(config.order, groupsOf(train), rng.fork("data"));
  }

  /** Examples in each batch; a step takes `gradientAccumulation` of them. */
  get batchSize(): number {
    return this.config.batchSize === 0 ? this.train.size : this.config.batchSize;
  }

  /** Examples in each batch of an evaluation. */
  get evaluationBatchSize(): number {
    return this.config.batchSize === 0 ? WHOLE_EVALUATION_BATCH : this.config.batchSize;
  }

  /** The stream that draws this step's dropout masks, wherever the run was resumed. */
  get dropoutRng(): Rng {
    return this.#dropoutRng.fork(this.step);
  }

  /** Draws the next batch into the given arrays. */
  nextBatch(inputs: Int32Array, targets: Int32Array): void {
    this.#write(inputs, targets, this.#order);
  }

  /** Draws what `nextBatch` would, called for one after the other, and leaves the stream where it is. */
  peekBatches(batches: readonly Batch[]): void {
    const order = this.#order.copy();
    for (const { inputs, targets } of batches) this.#write(inputs, targets, order);
  }

  /** Has the disk begin to read what `nextBatch` will draw for a step, where the tokens are on one. */
  prefetchBatch(): void {
    if (this.config.batchSize === 0 || this.train.prefetch === undefined) return;
    const order = this.#order.copy();
    const rows = this.config.gradientAccumulation * this.batchSize;
    for (let row = 0; row < rows; row++) this.train.prefetch(order.next());
  }

  /** Closes the files of tokens. */
  close(): void {
    this.tokens.close();
  }

  #write(inputs: Int32Array, targets: Int32Array, order: BatchOrder): void {
    const { train, batchSize } = this;
    const isWhole = this.config.batchSize === 0;
    for (let row = 0; row < batchSize; row++) train.write(isWhole ? row : order.next(), inputs, targets, row);
  }

  /**
   * The run that goes on from its last checkpoint, or a new one where there is none: it was stopped before its first.
   *
   * @throws UsageError where the checkpoint is damaged, of another configuration, of other data, beyond `maxSteps`, or missing though the
   * run has trained.
   */
  static async resume(options: TrainingRunOptions, paths: RunPaths): Promise<TrainingRun> {
    const { last: path } = paths;
    const checkpoint = await readCheckpoint(path);
    if (checkpoint === undefined) {
      await expectUntrained(paths);
      if (options.config.loraRank > 0) {
        throw new UsageError(`expected the weights that LoRA leaves as they are, got no ${JSON.stringify(path)}`);
      }
      return new TrainingRun(options);
    }
    return inFile(path, () => {
      checkOrigin(checkpoint, options);
      const run = new TrainingRun(options);
      try {
        run.#restore(checkpoint);
      } catch (error) {
        run.close();
        throw error;
      }
      return run;
    });
  }

  #restore({ state, weights, optimizer, averages }: Checkpoint): void {
    if (optimizer === undefined) throw new UsageError("expected a checkpoint with the optimizer's moments, got none");
    this.optimizer.loadState(optimizer);
    loadStateDict(this.model, weights);
    if (state.averaged !== undefined) this.averaging?.loadState({ count: state.averaged, averages });
    this.#order = BatchOrder.from(this.config.order, groupsOf(this.train), state);
    this.step = state.step;
    this.checkpointStep = state.step;
    const { best, lastValLoss, risingEvaluations } = state;
    this.record = { best, lastValLoss, risingEvaluations };
  }

  /** Whether every weight is a number; a step with too high a rate can end in some that are not. */
  get isFinite(): boolean {
    return [...stateDict(this.model).values()].every(({ data }) => data.every(Number.isFinite));
  }

  /** Runs `use` with the weights that are evaluated and exported: the averages, where the configuration asks for them. */
  withBestGuess<T>(use: () => Promise<T>): Promise<T> {
    return this.averaging === undefined ? use() : this.averaging.during(use);
  }

  /** Writes what `resume` reads. */
  async save(path: string): Promise<void> {
    const { state, weights } = this.#snapshot();
    const average = this.averaging?.state();
    const whole = {
      ...state,
      ...(this.config.optimizer === "sgd" && ({ optimizer: "sgd" } as const)),
      ...(average && { averaged: average.count }),
    };
    const optimizer = this.optimizer.state();
    await writeCheckpoint(path, { state: whole, weights, optimizer, averages: average?.averages });
    this.checkpointStep = this.step;
  }

  /** Writes the weights without what it takes to go on. */
  async saveWeights(path: string): Promise<void> {
    await writeCheckpoint(path, this.#snapshot());
  }

  #snapshot(): Pick<Checkpoint, "state" | "weights"> {
    const state = {
      version: 1,
      step: this.step,
      configHash: configHash(this.config),
      dataHash: this.#dataHash,
      ...this.#order.state(),
      ...this.record,
    } as const;
    return { state, weights: stateDict(this.model) };
  }
}

/** A run writes a checkpoint before anything else: one without it that has more was robbed of it, and would begin anew over what it has. */
async function expectUntrained({ last, best, metrics }: RunPaths): Promise<void> {
  for (const path of [metrics, best]) {
    const info = await stat(path).catch(() => undefined);
    if (info === undefined || info.size === 0) continue;
    throw new UsageError(
      `expected ${JSON.stringify(last)}, the checkpoint to go on from, got none, though ${JSON.stringify(path)} tells of training: ` +
        "put it back, or begin another run without --resume",
    );
  }
}

/** Whether a checkpoint is of this run: known before a model is built, so that a damaged configuration costs no memory. */
function checkOrigin({ state, weights }: Checkpoint, { config, vocabSize, dataHash }: TrainingRunOptions): void {
  if (state.configHash !== configHash(config)) {
    throw new UsageError("expected a checkpoint of the run's config.json, got one of another configuration");
  }
  if (state.dataHash !== dataHash) {
    throw new UsageError(
      "expected the tokens that the run began with, got others: give its text with --data, and leave its tokenizer.json as it was",
    );
  }
  if (state.step > config.maxSteps) {
    throw new UsageError(
      `expected maxSteps of at least ${state.step}, the steps already taken, got ${config.maxSteps}`,
    );
  }
  checkWeightCount(weights, config, vocabSize);
}

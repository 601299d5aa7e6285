/**
 * Looking inside the model while it trains: a second program, a training step with statistics beside it, that is run in place of the plain
 * one at the steps that are looked at. It is compiled at its first use; a run that never looks pays nothing.
 */

import {
  type BadTensor,
  type Collection,
  copyMatrices,
  firstBad,
  type StatisticsLine,
  summarize,
  withUpdates,
} from "@llm-learning/diagnostics";
import { type Parameter, type Program, stateDict, trainableParameters } from "@llm-learning/nn-core";
import type { StepResult, TrainingStep } from "./trainingStep.ts";
import type { TrainingRun } from "./trainingRun.ts";

/** The program that watches, and how to read it. */
export interface WatchedProgram {
  /** Computes all that the plain step does, and the collection's outputs. */
  readonly program: Program;
  readonly collection: Collection;
}

/** Takes the steps that are looked at. */
export class Watch {
  readonly #run: TrainingRun;
  readonly #step: TrainingStep;
  readonly #compile: () => Promise<WatchedProgram>;
  readonly #parameters: ReadonlyMap<string, Parameter>;
  #watched: WatchedProgram | undefined;

  constructor(run: TrainingRun, step: TrainingStep, compile: () => Promise<WatchedProgram>) {
    this.#run = run;
    this.#step = step;
    this.#compile = compile;
    this.#parameters = trainableParameters(run.model);
  }

  /** Whether the configuration asks to look at `step`. */
  isDue(step: number): boolean {
    const { watchInterval } = this.#run.config;
    return watchInterval > 0 && step % watchInterval === 0;
  }

  /** Takes a step as `TrainingStep.take` does, with the same bits, and reports what was seen. */
  async take({ isLast }: { isLast: boolean }): Promise<{ result: StepResult; line: StatisticsLine }> {
    const { program, collection } = (this.#watched ??= await this.#compile());
    const { step } = this.#run;
    const before = copyMatrices(this.#parameters);
    const result = await this.#step.take({ program, isLast });
    const records = summarize(collection, result.outputs);
    const isUpdated = this.#run.step > step;
    return { result, line: { step, records: isUpdated ? withUpdates(records, before, this.#parameters) : records } };
  }

  /**
   * Computes the last batch once more, to find the first tensor that is not finite; undefined if all weights and all that is watched
   * are.
   */
  async findFirstBad(): Promise<{ line: StatisticsLine; bad: BadTensor | undefined }> {
    const { program, collection } = (this.#watched ??= await this.#compile());
    const records = summarize(collection, await this.#step.repeat(program));
    return { line: { step: this.#run.step, records }, bad: firstBadWeight(this.#run.model) ?? firstBad(records) };
  }

  async dispose(): Promise<void> {
    await this.#watched?.program.dispose();
  }
}

/** The first weight or running statistic that is not finite: biases too, which are not watched. */
function firstBadWeight(model: TrainingRun["model"]): BadTensor | undefined {
  for (const [name, { data }] of stateDict(model)) {
    const nanCount = data.filter(Number.isNaN).length;
    const infinityCount = data.filter((value) => Math.abs(value) === Infinity).length;
    if (nanCount + infinityCount > 0) {
      return { name, part: "value", kind: "parameter", count: data.length, nanCount, infinityCount };
    }
  }
  return undefined;
}

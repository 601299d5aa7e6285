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
import { type Parameter, type Program, stateDict, type TensorValue, trainableParameters } from "@llm-learning/nn-core";
import { GRADIENT } from "./trainingPrograms.ts";
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
    const outputs = await this.#step.repeat(program);
    const records = summarize(collection, outputs);
    const watched = firstBadWeight(this.#run.model) ?? firstBad(records);
    const isKnown = watched !== undefined && watched.nanCount + watched.infinityCount > 0;
    const bad = isKnown ? watched : (worstGradient(this.#parameters.keys(), outputs) ?? watched);
    return { line: { step: this.#run.step, records }, bad };
  }

  async dispose(): Promise<void> {
    await this.#watched?.program.dispose();
  }
}

/** Where the norm of all gradients is no number: the one that is none either, or the largest. Those of biases too, which are not watched. */
function worstGradient(names: Iterable<string>, outputs: Readonly<Record<string, TensorValue>>): BadTensor | undefined {
  if (Number.isFinite(Number(outputs["gradNorm"].data[0]))) return undefined;
  let worst: BadTensor | undefined;
  for (const name of names) {
    const gradient = outputs[`${GRADIENT}${name}`].data as Float32Array;
    // In float64, where no square of a float32 overflows.
    const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
    const { nanCount, infinityCount } = countBad(gradient);
    const one = { name, part: "gradient", kind: "parameter", count: gradient.length, nanCount, infinityCount } as const;
    if (nanCount + infinityCount > 0) return one;
    if (worst?.norm === undefined || norm > worst.norm) worst = { ...one, norm };
  }
  return worst;
}

/** The first weight or running statistic that is not finite: biases too, which are not watched. */
function firstBadWeight(model: TrainingRun["model"]): BadTensor | undefined {
  for (const [name, { data }] of stateDict(model)) {
    const { nanCount, infinityCount } = countBad(data);
    if (nanCount + infinityCount > 0) {
      return { name, part: "value", kind: "parameter", count: data.length, nanCount, infinityCount };
    }
  }
  return undefined;
}

function countBad(data: Float32Array): Pick<BadTensor, "nanCount" | "infinityCount"> {
  return {
    nanCount: data.filter(Number.isNaN).length,
    infinityCount: data.filter((value) => Math.abs(value) === Infinity).length,
  };
}

/**
 * One step of training: a batch, or several that stand for a large one, their loss and gradients, the update of weights and running
 * statistics. A step k uses the weights after k updates.
 */

import type { Batch } from "@llm-learning/datasets";
import type { Rng } from "@llm-learning/init";
import {
  clipScale,
  type Feeds,
  type Program,
  type Schedule,
  type TensorValue,
  trainableParameters,
} from "@llm-learning/nn-core";
import { GradientAccumulator, targetShares } from "./gradientAccumulation.ts";
import { learningRateSchedule } from "./learningRate.ts";
import { GRADIENT, STATISTIC, type TrainingPrograms } from "./trainingPrograms.ts";
import type { TrainingRun } from "./trainingRun.ts";

/** What a step found. */
export interface StepResult {
  /** Mean loss of the step's batches, in nats per token. */
  readonly trainLoss: number;
  /** Norm of all gradients together, before clipping. */
  readonly gradNorm: number;
  /** Rate of the update. */
  readonly learningRate: number;
  /** Every output of the program for the last batch, until its next run. */
  readonly outputs: Readonly<Record<string, TensorValue>>;
}

/** What a step needs of the programs of a run. */
export type StepPrograms = Pick<TrainingPrograms, "step" | "training" | "statistics">;

export class TrainingStep {
  readonly #run: TrainingRun;
  readonly #programs: StepPrograms;
  readonly #schedule: Schedule;
  /** Of inputs [B, T] and targets [B, T] or [B]. */
  readonly #batches: readonly Batch[];
  /** Where a step takes several batches. */
  readonly #accumulator: GradientAccumulator | undefined;
  /** Parameters' names, and those of their gradients among the outputs. */
  readonly #gradients: readonly (readonly [name: string, output: string])[];
  /** Of the last batch; the arrays are those above. */
  #feeds: Feeds | undefined;

  /** @param schedule - Rate of each step. @defaultValue the configuration's */
  constructor(run: TrainingRun, programs: StepPrograms, schedule: Schedule = learningRateSchedule(run.config)) {
    const { inputLength, targetLength } = run.train;
    this.#run = run;
    this.#programs = programs;
    this.#schedule = schedule;
    const { gradientAccumulation: count } = run.config;
    this.#batches = Array.from({ length: count }, () => ({
      inputs: new Int32Array(run.batchSize * inputLength),
      targets: new Int32Array(run.batchSize * targetLength),
    }));
    const parameters = [...trainableParameters(run.model)];
    this.#gradients = parameters.map(([name]) => [name, `${GRADIENT}${name}`]);
    this.#accumulator =
      count === 1
        ? undefined
        : new GradientAccumulator(
            parameters.map(([name, { elementCount }]) => ({ name, output: `${GRADIENT}${name}`, elementCount })),
          );
  }

  /**
   * Takes the step that the run stands before.
   *
   * @param program - Computes the outputs of `programs.step` for the last batch, and perhaps more.
   * @param isLast - Measures only: neither weights nor the place in the data change.
   * @returns what it found; where loss or gradients are no numbers, nothing was updated.
   */
  async take({ program = this.#programs.step, isLast }: { program?: Program; isLast: boolean }): Promise<StepResult> {
    const run = this.#run;
    if (isLast) run.peekBatches(this.#batches);
    else for (const { inputs, targets } of this.#batches) run.nextBatch(inputs, targets);
    // The disk reads while the engine computes.
    if (!isLast) run.prefetchBatch();
    const { outputs, trainLoss, gradNorm } = await this.#compute(program);
    const learningRate = this.#schedule(run.step);
    const result = { trainLoss, gradNorm, learningRate, outputs };
    if (isLast || !Number.isFinite(trainLoss + gradNorm)) return result;
    await this.#update(result);
    run.step++;
    run.averaging?.add(run.step);
    return result;
  }

  /** Loss and norm of all batches together, and what the program gives for the last. */
  async #compute(program: Program): Promise<Omit<StepResult, "learningRate">> {
    const accumulator = this.#accumulator;
    const rng = this.#programs.training.isRandom ? this.#run.dropoutRng : undefined;
    if (accumulator === undefined) {
      const outputs = await this.#runOn(this.#batches[0], rng, program);
      return {
        outputs,
        trainLoss: Number(outputs["loss"].data[0]),
        gradNorm: Number(outputs["gradNorm"].data[0]),
      };
    }
    accumulator.clear();
    let outputs: StepResult["outputs"] = {};
    for (const [index, share] of targetShares(this.#batches).entries()) {
      const isLast = index === this.#batches.length - 1;
      outputs = await this.#runOn(this.#batches[index], rng, isLast ? program : this.#programs.step);
      if (share !== undefined) accumulator.add(outputs, share);
    }
    return { outputs, trainLoss: accumulator.loss, gradNorm: accumulator.norm };
  }

  /** @param rng - Draws the masks of dropout, one batch's after the other's, where there are any. */
  #runOn({ inputs, targets }: Batch, rng: Rng | undefined, program: Program): Promise<StepResult["outputs"]> {
    this.#feeds = rng === undefined ? { inputs, targets } : { inputs, targets, ...this.#programs.training.draw(rng) };
    return program.run(this.#feeds);
  }

  /** Computes the last batch once more, or the next one where none was taken yet; nothing is updated. */
  async repeat(program: Program): Promise<Readonly<Record<string, TensorValue>>> {
    if (this.#feeds !== undefined) return program.run(this.#feeds);
    return (await this.take({ program, isLast: true })).outputs;
  }

  async #update({ gradNorm, learningRate, outputs }: StepResult): Promise<void> {
    const { optimizer, config } = this.#run;
    const gradients = this.#accumulator?.gradients ?? this.#gradientsAmong(outputs);
    const gradientScale = config.gradClip === 0 ? 1 : clipScale(gradNorm, config.gradClip);
    await optimizer.step(gradients, { learningRate, gradientScale });
    for (const [name, parameter] of this.#programs.statistics) {
      parameter.data.set(outputs[`${STATISTIC}${name}`].data as Float32Array);
    }
  }

  #gradientsAmong(outputs: StepResult["outputs"]): Record<string, Float32Array> {
    const gradients: Record<string, Float32Array> = {};
    for (const [name, output] of this.#gradients) gradients[name] = outputs[output].data as Float32Array;
    return gradients;
  }
}

/**
 * One step of training: a batch, its loss and gradients, the update of weights and running statistics. A step k uses the weights
 * after k updates.
 */

import {
  clipScale,
  type Feeds,
  type Program,
  type Schedule,
  type TensorValue,
  trainableParameters,
} from "@llm-learning/nn-core";
import { learningRateSchedule } from "./learningRate.ts";
import { GRADIENT, STATISTIC, type TrainingPrograms } from "./trainingPrograms.ts";
import type { TrainingRun } from "./trainingRun.ts";

/** What a step found. */
export interface StepResult {
  /** Mean loss of the batch, in nats per token. */
  readonly trainLoss: number;
  /** Norm of all gradients together, before clipping. */
  readonly gradNorm: number;
  /** Rate of the update. */
  readonly learningRate: number;
  /** Every output of the program, until its next run. */
  readonly outputs: Readonly<Record<string, TensorValue>>;
}

/** What a step needs of the programs of a run. */
export type StepPrograms = Pick<TrainingPrograms, "step" | "training" | "statistics">;

export class TrainingStep {
  readonly #run: TrainingRun;
  readonly #programs: StepPrograms;
  readonly #schedule: Schedule;
  readonly #inputs: Int32Array; // [B, T]
  readonly #targets: Int32Array; // [B, T] or [B]
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
    this.#inputs = new Int32Array(run.batchSize * inputLength);
    this.#targets = new Int32Array(run.batchSize * targetLength);
    this.#gradients = [...trainableParameters(run.model).keys()].map((name) => [name, `${GRADIENT}${name}`]);
  }

  /**
   * Takes the step that the run stands before.
   *
   * @param program - Computes the outputs of `programs.step`, and perhaps more.
   * @param isLast - Measures only: neither weights nor the place in the data change.
   * @returns what it found; where loss or gradients are no numbers, nothing was updated.
   */
  async take({ program = this.#programs.step, isLast }: { program?: Program; isLast: boolean }): Promise<StepResult> {
    const run = this.#run;
    const { training } = this.#programs;
    const inputs = this.#inputs;
    const targets = this.#targets;
    if (isLast) run.peekBatch(inputs, targets);
    else run.nextBatch(inputs, targets);
    this.#feeds = training.isRandom ? { inputs, targets, ...training.draw(run.dropoutRng) } : { inputs, targets };
    // The disk reads while the engine computes.
    if (!isLast) run.prefetchBatch();
    const outputs = await program.run(this.#feeds);
    const trainLoss = Number(outputs["loss"].data[0]);
    const gradNorm = Number(outputs["gradNorm"].data[0]);
    const learningRate = this.#schedule(run.step);
    const result = { trainLoss, gradNorm, learningRate, outputs };
    if (isLast || !Number.isFinite(trainLoss + gradNorm)) return result;
    await this.#update(result);
    run.step++;
    run.averaging?.add(run.step);
    return result;
  }

  /** Computes the last batch once more, or the next one where none was taken yet; nothing is updated. */
  async repeat(program: Program): Promise<Readonly<Record<string, TensorValue>>> {
    if (this.#feeds !== undefined) return program.run(this.#feeds);
    return (await this.take({ program, isLast: true })).outputs;
  }

  async #update({ gradNorm, learningRate, outputs }: StepResult): Promise<void> {
    const { optimizer, config } = this.#run;
    const gradients: Record<string, Float32Array> = {};
    for (const [name, output] of this.#gradients) gradients[name] = outputs[output].data as Float32Array;
    const gradientScale = config.gradClip === 0 ? 1 : clipScale(gradNorm, config.gradClip);
    await optimizer.step(gradients, { learningRate, gradientScale });
    for (const [name, parameter] of this.#programs.statistics) {
      parameter.data.set(outputs[`${STATISTIC}${name}`].data as Float32Array);
    }
  }
}

/**
 * The training loop: batches, steps, evaluations, lines of metrics, checkpoints. It knows nothing of threads and terminals.
 *
 * Step k uses the weights after k updates: evaluation, then the batch, its loss and gradients, then update k + 1. A
 * checkpoint of step k is what it takes to do step k, evaluation included, so that a resumed run repeats nothing and
 * leaves nothing out. The last step, `maxSteps`, measures and does not update.
 */

import { clipScale, type Schedule, trainableParameters } from "@llm-learning/nn-core";
import { type Metrics, MetricsWriter } from "../run/metrics.ts";
import type { RunPaths } from "../run/runPaths.ts";
import { evenlySpacedBatches, meanLoss } from "./evaluation.ts";
import { recordEvaluation, RISES_BEFORE_WARNING } from "./evaluationRecord.ts";
import { learningRateSchedule } from "./learningRate.ts";
import { Throughput } from "./throughput.ts";
import type { TrainingEvent, TrainingOutcome } from "./trainingEvent.ts";
import { compileTraining, GRADIENT, type TrainingPrograms } from "./trainingPrograms.ts";
import type { TrainingRun } from "./trainingRun.ts";

export interface TrainingControl {
  readonly emit: (event: TrainingEvent) => void;
  /** Asked between steps; once true, training saves and ends. */
  readonly isStopped: () => boolean;
}

/**
 * Trains from where `run` is to its `maxSteps`.
 *
 * @param paths - Where metrics and checkpoints go; the folders exist.
 */
export async function trainingLoop(
  run: TrainingRun,
  paths: RunPaths,
  control: TrainingControl,
): Promise<TrainingOutcome> {
  const programs = await compileTraining(run.model, run.config);
  const { writer, elapsedSeconds } = await MetricsWriter.open(paths.metrics, run.step);
  try {
    return await new TrainingLoop(run, paths, control, { programs, writer, elapsedBefore: elapsedSeconds }).run();
  } finally {
    await writer.close();
    await programs.dispose();
  }
}

interface Means {
  readonly programs: TrainingPrograms;
  readonly writer: MetricsWriter;
  /** Wall time of the sessions before. */
  readonly elapsedBefore: number;
}

interface Losses {
  readonly valLoss: number;
  readonly evalTrainLoss: number;
}

const PROGRESS_INTERVAL_MS = 100;

class TrainingLoop {
  readonly #run: TrainingRun;
  readonly #paths: RunPaths;
  readonly #control: TrainingControl;
  readonly #means: Means;
  readonly #schedule: Schedule;
  readonly #names: readonly string[];
  readonly #inputs: Int32Array; // [B, T]
  readonly #targets: Int32Array; // [B, T]
  readonly #begin = performance.now();
  readonly #throughput = new Throughput();
  #lastProgress = -Infinity;
  #trainLoss: number | undefined;
  #valLoss: number | undefined;
  #checkpointStep: number | undefined;

  constructor(run: TrainingRun, paths: RunPaths, control: TrainingControl, means: Means) {
    const { batchSize: B, blockSize: T } = run.config;
    this.#run = run;
    this.#paths = paths;
    this.#control = control;
    this.#means = means;
    this.#schedule = learningRateSchedule(run.config);
    this.#names = [...trainableParameters(run.model).keys()];
    this.#inputs = new Int32Array(B * T);
    this.#targets = new Int32Array(B * T);
    this.#checkpointStep = run.step > 0 ? run.step : undefined;
  }

  async run(): Promise<TrainingOutcome> {
    const run = this.#run;
    const { maxSteps, evalInterval, checkpointInterval } = run.config;
    this.#control.emit({ type: "ready", step: run.step, maxSteps });
    for (;;) {
      const isLast = run.step === maxSteps;
      const isStopped = this.#control.isStopped();
      if ((isLast || isStopped || run.step % checkpointInterval === 0) && !(await this.#checkpoint())) {
        return this.#outcome("diverged");
      }
      if (isStopped) return this.#outcome("stopped");

      let losses: Losses | undefined;
      if (isLast || run.step % evalInterval === 0) {
        losses = await this.#evaluate();
        if (losses === undefined) continue; // stopped in between: the checkpoint comes before the evaluation
        if (!Number.isFinite(losses.valLoss + losses.evalTrainLoss)) return this.#outcome("diverged");
      }
      if (!(await this.#step({ isLast, losses }))) return this.#outcome("diverged");
      if (isLast) return this.#outcome("finished");
    }
  }

  /** @returns false where the loss or a gradient is not a number. */
  async #step({ isLast, losses }: { isLast: boolean; losses: Losses | undefined }): Promise<boolean> {
    const run = this.#run;
    const { logInterval, gradClip, batchSize, blockSize } = run.config;
    const { programs } = this.#means;
    const begin = performance.now();
    const { step } = run;
    if (isLast) run.peekBatch(this.#inputs, this.#targets);
    else run.nextBatch(this.#inputs, this.#targets);
    const masks = programs.training.draw(run.dropoutRng);
    const results = await programs.step.run({ inputs: this.#inputs, targets: this.#targets, ...masks });
    const trainLoss = Number(results.loss.data[0]);
    const gradNorm = Number(results.gradNorm.data[0]);
    this.#trainLoss = trainLoss;
    if (!Number.isFinite(trainLoss + gradNorm)) return false;

    const learningRate = this.#schedule(step);
    if (!isLast) {
      const gradients = this.#names.map((name) => [name, results[`${GRADIENT}${name}`].data as Float32Array]);
      const gradientScale = gradClip === 0 ? 1 : clipScale(gradNorm, gradClip);
      run.optimizer.step(Object.fromEntries(gradients), { learningRate, gradientScale });
      run.step++;
      this.#throughput.add(batchSize * blockSize, (performance.now() - begin) / 1000);
    }
    if (losses !== undefined || step % logInterval === 0 || isLast) {
      await this.#log({ step, trainLoss, ...losses, learningRate, gradNorm });
    }
    this.#progress(trainLoss);
    return true;
  }

  /** @returns undefined where training was stopped meanwhile; nothing has changed then. */
  async #evaluate(): Promise<Losses | undefined> {
    const run = this.#run;
    const { batchSize, blockSize, evalBatches: count } = run.config;
    const { evaluation } = this.#means.programs;
    const lossOf = (tokens: TrainingRun["train"]): Promise<number | undefined> =>
      meanLoss(evaluation, evenlySpacedBatches(tokens, { batchSize, blockSize, count }), this.#control.isStopped);
    const valLoss = await lossOf(run.validation);
    const evalTrainLoss = valLoss === undefined ? undefined : await lossOf(run.train);
    if (valLoss === undefined || evalTrainLoss === undefined) return undefined;
    this.#valLoss = valLoss;
    if (!Number.isFinite(valLoss)) return { valLoss, evalTrainLoss };

    run.record = recordEvaluation(run.record, { step: run.step, valLoss });
    const { best, risingEvaluations } = run.record;
    if (best?.step === run.step) await run.saveWeights(this.#paths.best);
    if (best !== null && risingEvaluations === RISES_BEFORE_WARNING) {
      this.#control.emit({ type: "overfitting", step: run.step, best });
    }
    return { valLoss, evalTrainLoss };
  }

  async #log(values: Omit<Metrics, "tokensPerSecond" | "elapsedSeconds">): Promise<void> {
    const metrics = {
      ...values,
      tokensPerSecond: Math.round(this.#throughput.lap()),
      elapsedSeconds: Math.round(this.#elapsedSeconds * 1000) / 1000,
    };
    await this.#means.writer.append(metrics);
    const isBest = metrics.valLoss !== undefined && this.#run.record.best?.step === metrics.step;
    this.#control.emit({ type: "metrics", metrics, isBest });
  }

  /** Saves the run, unless its weights are worthless; false then. */
  async #checkpoint(): Promise<boolean> {
    const run = this.#run;
    if (!run.isFinite) return false;
    if (this.#checkpointStep === run.step) return true;
    await this.#means.writer.sync();
    await run.save(this.#paths.last);
    this.#checkpointStep = run.step;
    this.#control.emit({ type: "checkpoint", step: run.step });
    return true;
  }

  #progress(trainLoss: number): void {
    const now = performance.now();
    if (now - this.#lastProgress < PROGRESS_INTERVAL_MS) return;
    this.#lastProgress = now;
    this.#control.emit({ type: "step", step: this.#run.step, trainLoss, tokensPerSecond: this.#throughput.mean });
  }

  get #elapsedSeconds(): number {
    return this.#means.elapsedBefore + (performance.now() - this.#begin) / 1000;
  }

  #outcome(status: TrainingOutcome["status"]): TrainingOutcome {
    return {
      status,
      step: this.#run.step,
      trainLoss: this.#trainLoss,
      valLoss: this.#valLoss,
      best: this.#run.record.best ?? undefined,
      tokensPerSecond: this.#throughput.mean,
      elapsedSeconds: this.#elapsedSeconds,
      checkpointStep: this.#checkpointStep,
    };
  }
}

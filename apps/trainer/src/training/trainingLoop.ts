/**
 * The training loop: batches, steps, evaluations, lines of metrics, checkpoints. It knows nothing of threads and terminals.
 *
 * Step k uses the weights after k updates: samples, evaluation, then the batch, its loss and gradients, then update k + 1. A
 * checkpoint of step k is what it takes to do step k, samples and evaluation included, so that a resumed run repeats nothing and
 * leaves nothing out. The last step, `maxSteps`, measures and does not update.
 */

import { setTimeout as delay } from "node:timers/promises";
import type { BadTensor, StatisticsLine } from "@llm-learning/diagnostics";
import { isStatisticsLine } from "../run/diagnosticsLines.ts";
import { type Metrics, MetricsWriter } from "../run/metrics.ts";
import type { Run } from "../run/openRun.ts";
import type { RunPaths } from "../run/runPaths.ts";
import { isSamplesLine, type SamplesLine } from "../run/samplesLines.ts";
import { StepLines } from "../run/stepLines.ts";
import { evaluationBatches, meanLoss } from "./evaluation.ts";
import { recordEvaluation, RISES_BEFORE_WARNING } from "./evaluationRecord.ts";
import { Sampling } from "./sampling.ts";
import { Throughput } from "./throughput.ts";
import type { TrainingEvent, TrainingOutcome } from "./trainingEvent.ts";
import { compileTraining, type TrainingPrograms } from "./trainingPrograms.ts";
import type { TrainingRun } from "./trainingRun.ts";
import type { TrainingWishes } from "./trainingWishes.ts";
import { type StepResult, TrainingStep } from "./trainingStep.ts";
import { Watch } from "./watch.ts";

export interface TrainingControl {
  readonly emit: (event: TrainingEvent) => void;
  /** Looked at between steps. */
  readonly wishes: TrainingWishes;
}

/**
 * Trains from where `run` is to its `maxSteps`.
 *
 * @param place - Where metrics and checkpoints go (the folders exist), and how tokens are written as text.
 */
export async function trainingLoop(
  run: TrainingRun,
  { tokenizer, paths }: Pick<Run, "tokenizer" | "paths">,
  control: TrainingControl,
): Promise<TrainingOutcome> {
  /** What is open, in the order in which it was opened: whatever fails, all of it is closed. */
  const open: (() => Promise<void>)[] = [() => run.optimizer.dispose()];
  try {
    const programs = await compileTraining(run);
    open.push(() => programs.dispose());
    const { writer, elapsedSeconds } = await MetricsWriter.open(paths.metrics, run.step);
    const watched = await StepLines.open<StatisticsLine>(paths.diagnostics, run.step, isStatisticsLine);
    const written = await StepLines.open<SamplesLine>(paths.samples, run.step, isSamplesLine);
    const step = new TrainingStep(run, programs);
    const watch = new Watch(run, step, programs.compileWatched);
    for (const lines of [writer, watched, written]) open.push(() => lines.close());
    open.push(() => watch.dispose());
    const sampling = new Sampling(run, tokenizer);
    const means = { programs, step, watch, watched, sampling, written, writer, elapsedBefore: elapsedSeconds };
    return await new TrainingLoop(run, paths, control, means).run();
  } finally {
    for (const close of open.toReversed()) await close();
  }
}

interface Means {
  readonly programs: TrainingPrograms;
  readonly step: TrainingStep;
  readonly watch: Watch;
  /** Statistics of watched steps. */
  readonly watched: StepLines<StatisticsLine>;
  readonly sampling: Sampling;
  /** What the model wrote while it trained. */
  readonly written: StepLines<SamplesLine>;
  readonly writer: MetricsWriter;
  /** Wall time of the sessions before. */
  readonly elapsedBefore: number;
}

interface Losses {
  readonly valLoss: number;
  readonly evalTrainLoss: number;
}

const PROGRESS_INTERVAL_MS = 100;

/** How often a training that pauses looks whether it is to go on. */
const PAUSE_INTERVAL_MS = 50;

class TrainingLoop {
  readonly #run: TrainingRun;
  readonly #paths: RunPaths;
  readonly #control: TrainingControl;
  readonly #means: Means;
  readonly #tokensPerStep: number;
  readonly #begin = performance.now();
  readonly #throughput = new Throughput();
  readonly #isStopped = (): boolean => this.#control.wishes.isStopped;
  /** Time that went to what a person asked for. */
  #asideMs = 0;
  #lastProgress = -Infinity;
  #trainLoss: number | undefined;
  #valLoss: number | undefined;

  constructor(run: TrainingRun, paths: RunPaths, control: TrainingControl, means: Means) {
    this.#run = run;
    this.#paths = paths;
    this.#control = control;
    this.#means = means;
    this.#tokensPerStep = run.config.gradientAccumulation * run.batchSize * run.train.targetLength;
  }

  async run(): Promise<TrainingOutcome> {
    const run = this.#run;
    const { maxSteps, evalInterval, checkpointInterval } = run.config;
    this.#control.emit({ type: "ready", step: run.step, maxSteps });
    for (;;) {
      const isLast = run.step === maxSteps;
      const { isStopped } = this.#control.wishes;
      if ((isLast || isStopped || run.step % checkpointInterval === 0) && !(await this.#checkpoint())) {
        return this.#diverged();
      }
      if (isStopped) return this.#outcome("stopped");

      // Stopped in between, here or below: the checkpoint comes before samples and evaluation.
      if (!(await this.#answerWishes())) continue;
      if (!(await this.#takeSamples())) continue;
      let losses: Losses | undefined;
      if (isLast || run.step % evalInterval === 0) {
        losses = await run.withBestGuess(() => this.#evaluate());
        if (losses === undefined) continue;
        if (!Number.isFinite(losses.valLoss + losses.evalTrainLoss)) return this.#diverged();
      }
      if (!(await this.#takeStep({ isLast, losses }))) return this.#diverged();
      if (isLast) return this.#outcome("finished");
    }
  }

  /** @returns false where the loss or a gradient is not a number. */
  async #takeStep({ isLast, losses }: { isLast: boolean; losses: Losses | undefined }): Promise<boolean> {
    const { step, config } = this.#run;
    const begin = performance.now();
    const { trainLoss, gradNorm, learningRate } = await this.#compute({ isLast });
    this.#trainLoss = trainLoss;
    if (!Number.isFinite(trainLoss + gradNorm)) return false;
    if (!isLast) this.#throughput.add(this.#tokensPerStep, (performance.now() - begin) / 1000);
    if (losses !== undefined || step % config.logInterval === 0 || isLast) {
      await this.#log({ step, trainLoss, ...losses, learningRate, gradNorm });
    }
    this.#progress(trainLoss);
    return true;
  }

  /** Takes the step, and writes what is seen where it is one to be looked at. */
  async #compute({ isLast }: { isLast: boolean }): Promise<StepResult> {
    const { step, watch } = this.#means;
    if (!watch.isDue(this.#run.step)) return step.take({ isLast });
    const { result, line } = await watch.take({ isLast });
    // A step that diverges is written with what was found out about it.
    if (Number.isFinite(result.trainLoss + result.gradNorm)) await this.#writeStatistics(line);
    return result;
  }

  async #writeStatistics(line: StatisticsLine): Promise<void> {
    await this.#means.watched.append(line);
    this.#control.emit({ type: "statistics", line });
  }

  /** The end of a run whose loss, gradients or weights are no numbers: names the first tensor that went bad. */
  async #diverged(): Promise<TrainingOutcome> {
    const { line, bad } = await this.#means.watch.findFirstBad();
    await this.#writeStatistics(line);
    return this.#outcome("diverged", bad);
  }

  /** @returns false where training was stopped meanwhile; nothing has changed then. */
  async #takeSamples(): Promise<boolean> {
    const { sampling, written } = this.#means;
    if (!sampling.isDue(this.#run.step)) return true;
    const line = await this.#run.withBestGuess(() => sampling.take(this.#isStopped));
    if (line === "stopped") return false;
    if (line === "nothing") return true;
    await written.append(line);
    this.#control.emit({ type: "samples", line });
    return true;
  }

  /**
   * Gives what a person asks for, and waits while they want it to pause: none of it is written to the run's files, which are those of a
   * run that nobody asked anything. @returns false where training was stopped, or its weights are worthless: what follows says so.
   */
  async #answerWishes(): Promise<boolean> {
    const { wishes, emit } = this.#control;
    const begin = performance.now();
    for (;;) {
      for (const request of wishes.take()) {
        if (request === "checkpoint") {
          if (!(await this.#checkpoint())) return true;
          emit({ type: "answer", request, step: this.#run.step });
        } else if (request === "samples") {
          const line = await this.#run.withBestGuess(() => this.#means.sampling.take(this.#isStopped));
          if (typeof line !== "string") emit({ type: "answer", request, line });
        } else {
          const losses = await this.#run.withBestGuess(() => this.#losses());
          if (losses !== undefined) emit({ type: "answer", request, step: this.#run.step, ...losses });
        }
      }
      if (wishes.isStopped) return false;
      if (!wishes.isPaused) break;
      await delay(PAUSE_INTERVAL_MS);
    }
    this.#asideMs += performance.now() - begin;
    return true;
  }

  /** @returns undefined where training was stopped meanwhile; nothing has changed then. */
  async #evaluate(): Promise<Losses | undefined> {
    const run = this.#run;
    const losses = await this.#losses();
    if (losses === undefined) return undefined;
    const { valLoss } = losses;
    this.#valLoss = valLoss;
    if (!Number.isFinite(valLoss)) return losses;

    run.record = recordEvaluation(run.record, { step: run.step, valLoss });
    const { best, risingEvaluations } = run.record;
    if (best?.step === run.step) await run.saveWeights(this.#paths.best);
    if (best !== null && risingEvaluations === RISES_BEFORE_WARNING) {
      this.#control.emit({ type: "overfitting", step: run.step, best });
    }
    return losses;
  }

  /** Losses on the fixed places of both parts. @returns undefined where training was stopped meanwhile. */
  async #losses(): Promise<Losses | undefined> {
    const run = this.#run;
    const { evalBatches: count, lines: isWhole } = run.config;
    const { evaluation } = this.#means.programs;
    const batches = { batchSize: run.evaluationBatchSize, count, isWhole };
    const lossOf = (examples: TrainingRun["train"]): Promise<number | undefined> =>
      meanLoss(evaluation, evaluationBatches(examples, batches), this.#isStopped);
    const valLoss = await lossOf(run.validation);
    const evalTrainLoss = valLoss === undefined ? undefined : await lossOf(run.train);
    return valLoss === undefined || evalTrainLoss === undefined ? undefined : { valLoss, evalTrainLoss };
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
    if (run.checkpointStep === run.step) return true;
    await this.#means.writer.sync();
    await this.#means.watched.sync();
    await this.#means.written.sync();
    await run.save(this.#paths.last);
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
    return this.#means.elapsedBefore + (performance.now() - this.#begin - this.#asideMs) / 1000;
  }

  #outcome(status: TrainingOutcome["status"], firstBad?: BadTensor): TrainingOutcome {
    return {
      status,
      step: this.#run.step,
      trainLoss: this.#trainLoss,
      valLoss: this.#valLoss,
      best: this.#run.record.best ?? undefined,
      tokensPerSecond: this.#throughput.mean,
      elapsedSeconds: this.#elapsedSeconds,
      checkpointStep: this.#run.checkpointStep,
      ...(firstBad && { firstBad }),
    };
  }
}

/**
 * The learning-rate finder of the lecture: a fresh model takes one step at each of many rates, from far too low to far too
 * high, and the loss before each step is kept (Smith 2017, "Cyclical Learning Rates for Training Neural Networks").
 *
 *     rate_i = 10^(log10 from + i (log10 to - log10 from) / (steps - 1))
 *
 * Optimizer, batches, clipping and dropout are those that training with the same configuration has; its schedule has no part.
 */

import { setImmediate } from "node:timers/promises";
import type { TrainConfig } from "../config/trainConfig.ts";
import { checkTrainingMemory } from "../training/memoryEstimate.ts";
import type { TrainingData } from "../training/trainingData.ts";
import { compileTraining, type TrainingPrograms } from "../training/trainingPrograms.ts";
import { TrainingRun } from "../training/trainingRun.ts";
import { TrainingStep } from "../training/trainingStep.ts";
import { suggestRate } from "./suggestRate.ts";

export interface LearningRateRange {
  /** Lowest rate. */
  readonly from: number;
  /** Highest rate. */
  readonly to: number;
  /** Number of rates. */
  readonly steps: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of each step. */
  readonly onStep?: ((step: number, rate: number, loss: number) => void) | undefined;
}

export interface LearningRateSearch {
  /** The rates tried, rising. */
  readonly rates: readonly number[];
  /** The loss of a batch before the step with each of them, in nats per token. */
  readonly losses: readonly number[];
  /** The losses made smooth. */
  readonly smooth: readonly number[];
  /** Rate at which the loss falls most steeply; undefined where it never falls. */
  readonly suggested: number | undefined;
  /** Rate at the lowest smooth loss. */
  readonly lowest: number;
  /** Whether the search ended early: the loss was no number, or over four times the lowest. */
  readonly diverged: boolean;
}

/** The loss over the lowest one so far at which there is nothing left to see, as in fastai's finder. */
const DIVERGED = 4;

/**
 * Searches, and writes nothing.
 *
 * @throws UsageError where model and batches do not fit in memory; RangeError where the loss was no number before two steps.
 */
export async function findLearningRate(
  config: TrainConfig,
  data: TrainingData,
  range: LearningRateRange,
): Promise<LearningRateSearch> {
  const { signal, onStep } = range;
  const { hash: dataHash, tokenizer } = data;
  checkTrainingMemory(config, data);
  const run = new TrainingRun({ config, vocabSize: tokenizer.vocabSize, parts: data, dataHash });
  const tried = evenlySpacedRates(range);
  let programs: TrainingPrograms | undefined;
  const rates: number[] = [];
  const losses: number[] = [];
  let lowest = Infinity;
  let diverged = false;
  try {
    programs = await compileTraining(run);
    const training = new TrainingStep(run, programs, (step) => tried[step]);
    for (const [step, rate] of tried.entries()) {
      // The runtime holds this thread while it computes: Ctrl-C is heard in between.
      await setImmediate();
      signal?.throwIfAborted();
      const { trainLoss: loss, gradNorm } = await training.take({ isLast: false });
      lowest = Math.min(lowest, loss);
      diverged = !Number.isFinite(loss + gradNorm) || loss > DIVERGED * lowest;
      if (Number.isFinite(loss)) {
        rates.push(rate);
        losses.push(loss);
        onStep?.(step, rate, loss);
      }
      if (diverged) break;
    }
  } finally {
    await programs?.dispose();
    await run.optimizer.dispose();
    run.close();
  }
  const { rate, lowest: atLowest, smooth } = suggestRate(rates, losses);
  return { rates, losses, smooth, suggested: rate, lowest: atLowest, diverged };
}

function evenlySpacedRates({ from, to, steps }: LearningRateRange): number[] {
  const [low, high] = [Math.log10(from), Math.log10(to)];
  return Array.from({ length: steps }, (_, i) => 10 ** (low + (i * (high - low)) / (steps - 1)));
}

/**
 * Letting the model write while it trains: at the steps that are asked for, its weights write through the graph that will be
 * exported. The model is opened for each such step alone; a run that takes no samples pays nothing. What is drawn depends on the
 * run's seed and the step and takes nothing from the streams of training, so no bit of the weights does depend on it.
 */

import { Rng } from "@llm-learning/init";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { samplesOf } from "../generation/generateSamples.ts";
import { openWeights } from "../generation/openWeights.ts";
import type { SamplesLine } from "../run/samplesLines.ts";
import { UsageError } from "../usageError.ts";
import type { TrainingRun } from "./trainingRun.ts";

/** Of lines, which are short. */
const LINE_COUNT = 5;

/** How an attempt to write ended. "nothing": the weights are such that no token can be drawn. */
export type SamplingResult = SamplesLine | "stopped" | "nothing";

/** Takes the samples of a run's steps. */
export class Sampling {
  readonly #run: TrainingRun;
  readonly #tokenizer: Tokenizer;

  constructor(run: TrainingRun, tokenizer: Tokenizer) {
    this.#run = run;
    this.#tokenizer = tokenizer;
  }

  /** Whether the configuration asks for samples of `step`. */
  isDue(step: number): boolean {
    const { sampleInterval } = this.#run.config;
    return sampleInterval > 0 && step % sampleInterval === 0;
  }

  /**
   * Lets the weights of now write.
   *
   * @param isStopped - Asked after each piece of text.
   */
  async take(isStopped: () => boolean): Promise<SamplingResult> {
    const { model, step, config } = this.#run;
    const { seed, lines, sampleTokens: maxTokens, temperature } = config;
    const stop = new AbortController();
    const opened = await openWeights(model, { tokenizer: this.#tokenizer, kind: config.model, lines, step });
    try {
      const samples = await samplesOf(opened, {
        count: lines ? LINE_COUNT : 1,
        maxTokens,
        temperature,
        rng: new Rng(seed).fork("samples").fork(step),
        onText: () => isStopped() && stop.abort(),
        signal: stop.signal,
      });
      return { step, texts: samples.map(({ text }) => text) };
    } catch (error) {
      if (stop.signal.aborted) return "stopped";
      // Scores that are no numbers: the step that follows says that training has diverged.
      if (error instanceof UsageError && error.cause instanceof RangeError) return "nothing";
      throw error;
    } finally {
      await opened.generator.dispose();
    }
  }
}

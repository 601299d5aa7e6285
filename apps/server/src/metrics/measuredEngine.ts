/**
 * An engine that counts what another one does: each task once, however it ends, as its reader saw it.
 *
 * Times are those at which the reader takes an event: a reader that is slow sees tokens late, and so they are counted.
 */

import type { EmbeddingTask, Engine, EngineStats, GenerationEvent, GenerationTask } from "../engine/engine.ts";
import type { FinishedReason, ServerMetrics } from "./serverMetrics.ts";

/** What came of a task. */
export interface TaskOutcome {
  readonly task: GenerationTask | EmbeddingTask;
  readonly model: string;
  /** Tokens of the prompt that were read: none where the task ended before that. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly reason: FinishedReason;
  /** The text as far as it came, where `keepTexts`. */
  readonly text: string;
}

/** Who is told of tasks. */
export interface MeasureOptions {
  readonly onBegin?: ((task: GenerationTask | EmbeddingTask) => void) | undefined;
  readonly onOutcome?: ((outcome: TaskOutcome) => void) | undefined;
  /** Whether outcomes hold the text. @defaultValue false */
  readonly keepTexts?: boolean;
}

export class MeasuredEngine implements Engine {
  readonly #engine: Engine;
  readonly #model: string;
  readonly #metrics: ServerMetrics;
  readonly #options: MeasureOptions;

  constructor(engine: Engine, model: string, metrics: ServerMetrics, options: MeasureOptions = {}) {
    this.#engine = engine;
    this.#model = model;
    this.#metrics = metrics;
    this.#options = options;
  }

  get blockSize(): number {
    return this.#engine.blockSize;
  }

  get vocabSize(): number {
    return this.#engine.vocabSize;
  }

  get embeddingSize(): number | undefined {
    return this.#engine.embeddingSize;
  }

  async *generate(task: GenerationTask, signal?: AbortSignal): AsyncGenerator<GenerationEvent> {
    const measure = new TaskMeasure(task, this.#model, this.#metrics, this.#options);
    try {
      for await (const event of this.#engine.generate(task, signal)) {
        measure.event(event);
        yield event;
      }
    } catch (error) {
      measure.finish(signal?.aborted === true ? "abort" : "error");
      throw error;
    } finally {
      measure.finish("abort");
    }
  }

  async embed(task: EmbeddingTask, signal?: AbortSignal): Promise<Float32Array> {
    const measure = new TaskMeasure(task, this.#model, this.#metrics, this.#options);
    try {
      const embedding = await this.#engine.embed(task, signal);
      measure.promptRead();
      measure.finish("stop");
      return embedding;
    } catch (error) {
      measure.finish(signal?.aborted === true ? "abort" : "error");
      throw error;
    }
  }

  stats(): EngineStats {
    return this.#engine.stats();
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

/** The clock and the counts of one task. */
class TaskMeasure {
  readonly #task: GenerationTask | EmbeddingTask;
  readonly #model: string;
  readonly #metrics: ServerMetrics;
  readonly #options: MeasureOptions;
  readonly #labels: { readonly model_name: string };
  readonly #begin = performance.now();
  #firstToken = 0;
  #lastToken: number | undefined;
  #promptTokens = 0;
  #completionTokens = 0;
  #text = "";
  #isFinished = false;

  constructor(task: GenerationTask | EmbeddingTask, model: string, metrics: ServerMetrics, options: MeasureOptions) {
    this.#task = task;
    this.#model = model;
    this.#metrics = metrics;
    this.#options = options;
    this.#labels = { model_name: model };
    options.onBegin?.(task);
    if ("maxTokens" in task) metrics.maxTokensOfRequest.observe(this.#labels, task.maxTokens);
  }

  event(event: GenerationEvent): void {
    switch (event.type) {
      case "prompt":
        this.promptRead();
        if (event.queuedSeconds !== undefined) this.#metrics.queueTime.observe(this.#labels, event.queuedSeconds);
        break;
      case "token":
        this.#token(this.#completionTokens + 1);
        this.#keep(event.text);
        break;
      case "end":
        // The token that ended the text was generated too, though it is no part of it.
        if (event.completionTokens > this.#completionTokens) this.#token(event.completionTokens);
        this.#keep(event.text);
        this.finish(event.reason);
    }
  }

  promptRead(): void {
    this.#promptTokens = this.#task.prompt.length;
    this.#metrics.promptTokens.inc(this.#labels, this.#promptTokens);
  }

  /** Counts the task, the first time only. */
  finish(reason: FinishedReason): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    const metrics = this.#metrics;
    metrics.finished.inc({ ...this.#labels, finished_reason: reason });
    if (reason === "stop" || reason === "length") {
      metrics.wholeRequest.observe(this.#labels, (performance.now() - this.#begin) / 1000);
      metrics.promptTokensOfRequest.observe(this.#labels, this.#promptTokens);
      metrics.generationTokensOfRequest.observe(this.#labels, this.#completionTokens);
      if (this.#lastToken !== undefined && this.#completionTokens > 1) {
        const seconds = (this.#lastToken - this.#firstToken) / 1000;
        metrics.timePerToken.observe(this.#labels, seconds / (this.#completionTokens - 1));
      }
    }
    this.#options.onOutcome?.({
      task: this.#task,
      model: this.#model,
      promptTokens: this.#promptTokens,
      completionTokens: this.#completionTokens,
      reason,
      text: this.#text,
    });
  }

  #token(completionTokens: number): void {
    const now = performance.now();
    if (this.#lastToken === undefined) {
      this.#firstToken = now;
      this.#metrics.firstToken.observe(this.#labels, (now - this.#begin) / 1000);
    } else {
      this.#metrics.betweenTokens.observe(this.#labels, (now - this.#lastToken) / 1000);
    }
    this.#lastToken = now;
    this.#metrics.generationTokens.inc(this.#labels, completionTokens - this.#completionTokens);
    this.#completionTokens = completionTokens;
  }

  #keep(text: string): void {
    if (this.#options.keepTexts === true) this.#text += text;
  }
}

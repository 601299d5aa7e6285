/**
 * An engine whose model is still being opened: routes have it from the start, so that the server answers while it loads. It knows how
 * much is going on, so that draining can wait for the last answer.
 */

import type { EmbeddingTask, Engine, EngineStats, GenerationEvent, GenerationTask } from "../engine/engine.ts";
import { EngineError } from "../engine/engineError.ts";

/** What is known of a model before it is open. */
export interface DeclaredModel {
  readonly blockSize: number | undefined;
  readonly vocabSize: number;
  readonly slots: number;
}

export class LoadingEngine implements Engine {
  readonly #declared: DeclaredModel;
  #engine: Engine | undefined;
  #active = 0;
  #onIdle: (() => void)[] = [];

  constructor(declared: DeclaredModel) {
    this.#declared = declared;
  }

  /** The engine itself, from now on. */
  open(engine: Engine): void {
    this.#engine = engine;
  }

  get blockSize(): number {
    return this.#engine?.blockSize ?? this.#declared.blockSize ?? 1;
  }

  get vocabSize(): number {
    return this.#engine?.vocabSize ?? this.#declared.vocabSize;
  }

  get embeddingSize(): number | undefined {
    return this.#engine?.embeddingSize;
  }

  async *generate(task: GenerationTask, signal?: AbortSignal): AsyncGenerator<GenerationEvent, void> {
    const engine = this.#opened();
    this.#active++;
    try {
      yield* engine.generate(task, signal);
    } finally {
      this.#end();
    }
  }

  async embed(task: EmbeddingTask, signal?: AbortSignal): Promise<Float32Array> {
    const engine = this.#opened();
    this.#active++;
    try {
      return await engine.embed(task, signal);
    } finally {
      this.#end();
    }
  }

  stats(): EngineStats {
    const { slots } = this.#declared;
    const none = { running: 0, waiting: 0, slots, cacheUsage: 0, prefixQueries: 0, prefixHits: 0 };
    return this.#engine?.stats() ?? none;
  }

  /** Resolves when no task is left. */
  async idle(): Promise<void> {
    while (this.#active > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  async close(): Promise<void> {
    await this.#engine?.close();
  }

  #opened(): Engine {
    if (this.#engine !== undefined) return this.#engine;
    throw new EngineError("closed", "the model is being loaded", { retryAfter: 2 });
  }

  #end(): void {
    this.#active--;
    if (this.#active > 0) return;
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of waiting) resolve();
  }
}

/**
 * An engine that says what a test wants it to: no model, no threads.
 */

import {
  type EmbeddingTask,
  type Engine,
  EngineError,
  type EngineStats,
  type GenerationEvent,
  type GenerationTask,
} from "@llm-learning/server";

/** What the engine answers to a task; whatever it throws reaches the reader. */
export type Script = (
  task: GenerationTask,
  signal?: AbortSignal,
) => Iterable<GenerationEvent> | AsyncIterable<GenerationEvent>;

export class ScriptedEngine implements Engine {
  readonly blockSize: number;
  readonly vocabSize: number;
  readonly embeddingSize: number | undefined;
  /** The tasks so far, in their order. */
  readonly tasks: GenerationTask[] = [];
  statistics: EngineStats = { running: 0, waiting: 0, slots: 4, cacheUsage: 0, prefixQueries: 0, prefixHits: 0 };
  readonly #script: Script;
  #isClosed = false;

  constructor(
    script: Script,
    {
      blockSize = 64,
      vocabSize = 256,
      embeddingSize,
    }: { blockSize?: number; vocabSize?: number; embeddingSize?: number } = {},
  ) {
    this.#script = script;
    this.blockSize = blockSize;
    this.vocabSize = vocabSize;
    this.embeddingSize = embeddingSize;
  }

  async *generate(task: GenerationTask, signal?: AbortSignal): AsyncGenerator<GenerationEvent> {
    if (this.#isClosed) throw new EngineError("closed", "the engine is closed", { retryAfter: 1 });
    this.tasks.push(task);
    for await (const event of this.#script(task, signal)) {
      signal?.throwIfAborted();
      yield event;
    }
  }

  /** The ids of the prompt, cut or filled up with zeros. */
  async embed({ prompt }: EmbeddingTask): Promise<Float32Array> {
    if (this.embeddingSize === undefined) throw new EngineError("unsupported", "the model has no embeddings");
    return Float32Array.from({ length: this.embeddingSize }, (_, index) => prompt[index] ?? 0);
  }

  stats(): EngineStats {
    return this.statistics;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }
}

/** Events of a text whose tokens are its bytes (those of `ByteTokenizer`), ended by "stop". */
export function saying(text: string, { cachedTokens = 0 }: { cachedTokens?: number } = {}): GenerationEvent[] {
  const bytes = [...Buffer.from(text)];
  const decoder = new TextDecoder();
  const tokens = bytes.map((token): GenerationEvent => {
    return { type: "token", token, text: decoder.decode(Uint8Array.of(token), { stream: true }) };
  });
  const end = { type: "end", reason: "stop", text: decoder.decode(), completionTokens: bytes.length } as const;
  return [{ type: "prompt", cachedTokens }, ...tokens, end];
}

/**
 * Reads the prompt of one task into its slot, piece by piece: from the prefix cache as far as that goes, from the model where scores of
 * its tokens are wanted or nothing is known.
 */

import { scoreToken } from "@llm-learning/onnx";
import type { SlotRuntime } from "@llm-learning/onnx/node";
import type { GenerationTask, PromptEvent, ScoredToken } from "../engine/engine.ts";
import type { PrefixCache } from "./prefixCache.ts";

/** What a prompt is read with. */
export interface PromptReaderParts {
  readonly runtime: SlotRuntime;
  readonly cache: PrefixCache;
  /** An empty slot. */
  readonly slot: number;
}

/** Most memory that the scores of a piece take. */
const MAX_SCORE_BYTES = 16 << 20;

/** Reads a prompt. */
export class PromptReader {
  readonly #task: GenerationTask;
  readonly #parts: PromptReaderParts;
  /** Alternatives at each token, where its scores are wanted. */
  readonly #alternatives: number | undefined;
  readonly #tokens: ScoredToken[] = [];
  #cachedTokens = 0;
  #position = 0;
  #logits: Float32Array = new Float32Array();

  constructor(task: GenerationTask, parts: PromptReaderParts) {
    this.#task = task;
    this.#parts = parts;
    this.#alternatives = task.promptLogprobs;
    if (this.#alternatives !== undefined) this.#tokens.push({ token: task.prompt[0] });
  }

  /** Tokens that are yet to be read. */
  get remaining(): number {
    return this.#task.prompt.length - this.#position;
  }

  /** Scores behind the last token, `[V]`, once all are read; valid until the model runs again. */
  get logits(): Float32Array {
    return this.#logits;
  }

  /**
   * Takes what the prefix cache knows, at the beginning; nothing where scores of the prompt's tokens are wanted, which have to be
   * computed.
   */
  restore(): void {
    if (this.#position > 0 || this.#alternatives !== undefined) return;
    const { runtime, cache, slot } = this.#parts;
    for (const saved of cache.find(this.#task.client, this.#task.prompt)) {
      runtime.restore(slot, saved);
      this.#position += saved.length;
    }
    this.#cachedTokens = this.#position;
  }

  /** Reads a piece of at most `most` tokens. @returns how many they were. */
  async read(most: number): Promise<number> {
    const { runtime, cache, slot } = this.#parts;
    const { prompt, client } = this.#task;
    const V = runtime.vocabSize;
    const isScored = this.#alternatives !== undefined;
    const limit = isScored ? Math.min(most, Math.max(1, Math.floor(MAX_SCORE_BYTES / (4 * V)))) : most;
    const count = Math.min(this.remaining, limit);
    const begin = this.#position;
    const end = begin + count;
    const scores = isScored ? "all" : end === prompt.length ? "last" : "none";
    const logits = await runtime.read(slot, prompt.slice(begin, end), { scores });
    this.#position = end;
    if (isScored) this.#score(logits, begin, count);
    if (this.remaining === 0) this.#logits = logits.subarray(logits.length - V);
    cache.keep(client, prompt, { length: end, save: (from, to) => runtime.save(slot, from, to) });
    return count;
  }

  /** The event that the prompt was read. */
  event(): PromptEvent {
    const tokens = this.#alternatives === undefined ? undefined : this.#tokens;
    return { type: "prompt", cachedTokens: this.#cachedTokens, tokens };
  }

  /** Each token is scored by what stands behind the one before. */
  #score(logits: Float32Array, begin: number, count: number): void {
    const { prompt } = this.#task;
    const V = this.#parts.runtime.vocabSize;
    for (let at = 0; at < count && begin + at + 1 < prompt.length; at++) {
      const token = prompt[begin + at + 1];
      const scores = logits.subarray(at * V, (at + 1) * V);
      this.#tokens.push({ token, ...scoreToken(scores, token, this.#alternatives ?? 0) });
    }
  }
}

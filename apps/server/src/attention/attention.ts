/**
 * Where a model looked: for a short text, how much its last token listened to each token. For people who look at a model; answers to
 * requests do not depend on it.
 */

import type { TaskOrigin } from "../engine/engine.ts";

/** A text whose last token's attention is asked for. */
export interface AttentionTask extends TaskOrigin {
  /** From 1 to 256 ids of the model's tokens. */
  readonly tokens: readonly number[];
}

/** What the last token of a text listened to. */
export interface AttentionWeights {
  readonly layers: number;
  readonly heads: number;
  /** `[layers, heads, tokens]`: the share that it gives to each token, itself included; those of a head sum to 1. */
  readonly weights: Float32Array;
}

/** A model that can tell. */
export interface AttentionReader {
  /** @throws EngineError as its code says; the signal's reason where that ended it. */
  attention(task: AttentionTask, signal?: AbortSignal): Promise<AttentionWeights>;
  /** Frees the model; what is asked for meanwhile fails. */
  close(): Promise<void>;
}

/** Most tokens of a text: time and memory grow with the square of it. */
export const MAX_ATTENTION_TOKENS = 256;

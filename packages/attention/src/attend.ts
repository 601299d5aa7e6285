/**
 * What all attention layers do once queries, keys and values are there: listeners weigh what they hear, and heads are joined.
 */

import {
  type Dropout,
  type Operand,
  reshape,
  scaledDotProductAttention,
  tap,
  type Tensor,
  type Training,
  transpose,
} from "@llm-learning/nn-core";
import { applyRotary, type Rotation } from "./applyRotary.ts";
import { appendToCache, type KeyValueCache } from "./keyValueCache.ts";

/** What one forward pass is given besides its input. */
export interface AttentionContext {
  /** Given in training: dropout is drawn from it. */
  training?: Training | undefined;
  /** bool, broadcasting to `[B, H, T, P + T]`: true where a token may attend another. */
  mask?: Tensor | undefined;
  /** float32, broadcasting to `[B, H, T, P + T]`, added to the scores: ALiBi, for instance. Finite. */
  bias?: Operand | undefined;
  /** Turns queries and keys by the positions of their tokens; the cache holds turned keys. */
  rotation?: Rotation | undefined;
  /** Keys and values of the P tokens before. */
  past?: KeyValueCache | undefined;
  /** Name of the length P + T, where it is not a number. */
  totalLength?: string | undefined;
  /** Names `query`, `key` and `probabilities` as taps, behind this path: `blocks.0.attention`. @defaultValue they have no names */
  name?: string | undefined;
}

/** What a forward pass of an attention layer returns. */
export interface AttentionResult {
  /** `[B, T, C]` */
  readonly output: Tensor;
  /** The cache for the next tokens. */
  readonly present: KeyValueCache;
  /** `[B, H, T, P + T]` */
  readonly probabilities: Tensor;
}

/** Who may hear whom in a layer, and how scores become probabilities. */
export interface Hearing {
  readonly causal: boolean;
  readonly window?: number | undefined;
  readonly scale: number;
  readonly softCap?: number | undefined;
  readonly sinks?: Operand | undefined;
  readonly chunk?: number | undefined;
  readonly dropout: Dropout;
}

/** Queries or keys `[B, H, T, D]`, turned by the positions of their tokens, and named. */
export function placed(x: Tensor, kind: "query" | "key", { rotation, name }: AttentionContext): Tensor {
  const turned = rotation === undefined ? x : applyRotary(x, rotation);
  return name === undefined ? turned : tap(turned, `${name}.${kind}`, { kind });
}

/** All that is heard: what the tokens of the cache and the new ones say. */
export function withPast(next: KeyValueCache, { past, totalLength }: AttentionContext): KeyValueCache {
  return past === undefined ? next : appendToCache(past, next, totalLength);
}

/**
 * What each token of `query` `[B, H, T, D]` hears of `heard`, its heads side by side.
 *
 * @returns `output` `[B, T, H * Dv]`, and `probabilities` `[B, H, T, S]`.
 */
export function attend(
  query: Tensor,
  heard: KeyValueCache,
  { causal, window, scale, softCap, sinks, chunk, dropout }: Hearing,
  { training, mask, bias, name }: AttentionContext,
): { output: Tensor; probabilities: Tensor } {
  const [B, H, T] = query.shape;
  const [, , S] = heard.key.shape;
  const dropped = dropout.mask([B, H, T, S], training);
  const { output, probabilities } = scaledDotProductAttention(query, heard.key, heard.value, {
    causal,
    scale,
    ...(window !== undefined && { window }),
    ...(softCap !== undefined && { softCap }),
    ...(sinks !== undefined && { sinks }),
    ...(mask && { mask }),
    ...(bias !== undefined && { bias }),
    ...(dropped && { dropout: dropped }),
    ...(chunk !== undefined && { chunk }),
  });
  const watched =
    name === undefined ? output : tap(output, `${name}.probabilities`, { kind: "attention", value: probabilities });
  const joined = transpose(watched, [0, 2, 1, 3]); // [B, T, H, Dv]
  return { output: reshape(joined, [B, T, Number(H) * Number(output.shape[3])]), probabilities }; // [B, T, H * Dv]
}

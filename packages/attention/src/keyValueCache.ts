/**
 * The KV cache as a value: what attention needs to remember of the tokens before.
 *
 * A model that is given a cache returns a longer one; nothing is mutated.
 */

import { concat, type Tensor } from "@llm-learning/nn-core";

/** Keys and values of the tokens so far. */
export interface KeyValueCache {
  /** `[B, H, T, D]` */
  readonly key: Tensor;
  /** `[B, H, T, D]` */
  readonly value: Tensor;
}

/**
 * `past` with the keys and values of new tokens behind it.
 *
 * @param dim - Name of the joined length, where it is not a number.
 */
export function appendToCache(past: KeyValueCache, next: KeyValueCache, dim?: string): KeyValueCache {
  const options = { axis: 2, ...(dim === undefined ? {} : { dim }) };
  return {
    key: concat([past.key, next.key], options), // [B, H, P + T, D]
    value: concat([past.value, next.value], options), // [B, H, P + T, D]
  };
}

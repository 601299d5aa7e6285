/**
 * The KV cache as a value: what attention needs to remember of the tokens before.
 *
 * A model that is given a cache returns a longer one; nothing is mutated. Masks, windows and ALiBi count positions from the last token, and
 * keys are turned already, so a layer with a window needs no more than its window: what is older may be cut off between two passes.
 */

import { concat, formatShape, slice, type Tensor } from "@llm-learning/nn-core";
import { expectSize } from "./graphMask.ts";

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

/**
 * What a layer with a sliding window still hears of `cache` when the next token comes: its last `window - 1` tokens.
 *
 * Cut off as much of a mask's columns. Where lengths have names, as in an exported model, cut the arrays between two runs instead.
 *
 * @param window - As the layer's: an integer >= 1.
 * @throws RangeError if the window is not an integer >= 1, or the length of the cache is a name.
 *
 * @example
 * ```ts
 * const { present } = layer.forward(x, { past });
 * const next = trimCache(present, layer.window); // never longer, however long the text
 * ```
 */
export function trimCache({ key, value }: KeyValueCache, window: number): KeyValueCache {
  expectSize("trimCache", "window", window);
  const length = key.shape[2];
  if (typeof length !== "number") {
    throw new RangeError(
      `trimCache: expected a cache whose length is a number, got ${formatShape(key.shape)}; ` +
        `where lengths have names, cut the arrays between two runs`,
    );
  }
  const range = { axis: 2, start: Math.max(0, length - (window - 1)) };
  return { key: slice(key, range), value: slice(value, range) }; // [B, H, min(P, window - 1), D] each
}

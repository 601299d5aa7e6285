/**
 * The graph in which messages reach only near tokens (Beltagy et al. 2020, https://arxiv.org/abs/2004.05150).
 *
 * Layers take it as their option `window` as well, which costs nothing to export; as a mask it can be joined with others and looked at.
 */

import { type Dim, less, lessEqual, logicalAnd, sub, type Tensor } from "@llm-learning/nn-core";
import { expectSize } from "./graphMask.ts";
import { type ListenerOptions, tokenPositions } from "./tokenPositions.ts";

/** Who listens, and whether later tokens may be heard. */
export interface SlidingWindowOptions extends ListenerOptions {
  /** False: a token hears the `window - 1` after it as well. @defaultValue true */
  causal?: boolean;
}

/**
 * The mask under which a token hears itself and the `window - 1` tokens before it, as in Mistral.
 *
 * @param tokens - T, a number or the name of a dimension.
 * @param window - An integer >= 1; with 1 everybody hears itself alone.
 * @returns bool `[listeners, tokens]`
 * @throws RangeError if a size is not an integer >= 1, or there are more listeners than tokens.
 */
export function slidingWindowMask(tokens: Dim, window: number, options: SlidingWindowOptions = {}): Tensor {
  const { causal = true } = options;
  expectSize("slidingWindowMask", "window", window);
  const { speaker, listener } = tokenPositions("slidingWindowMask", tokens, options);
  const isReached = less(sub(listener, speaker), window); // [listeners, tokens]
  return logicalAnd(isReached, causal ? lessEqual(speaker, listener) : less(sub(speaker, listener), window));
}

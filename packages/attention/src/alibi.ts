/**
 * Attention with linear biases: instead of positions, a penalty on distance (Press et al. 2022,
 * https://arxiv.org/abs/2108.12409). Each head has its own slope, from one that hears far to one that hears near.
 */

import { cast, constant, type Dim, mul, reshape, sub, type Tensor, abs, neg } from "@llm-learning/nn-core";
import { expectSize } from "./graphMask.ts";
import { type ListenerOptions, tokenPositions } from "./tokenPositions.ts";

/**
 * The slope of each head: a geometric sequence from `2^(-8 / H)` by the same factor.
 *
 * Where H is no power of two, the paper's code takes the sequence of the power below and fills up with every other slope of the
 * power above; so does this.
 *
 * @param numHeads - H: an integer >= 1.
 * @throws RangeError if `numHeads` is not an integer >= 1.
 */
export function alibiSlopes(numHeads: number): number[] {
  expectSize("alibiSlopes", "numHeads", numHeads);
  const power = 2 ** Math.floor(Math.log2(numHeads));
  const slopes = Array.from({ length: power }, (_, head) => 2 ** ((-8 * (head + 1)) / power));
  const between = Array.from({ length: numHeads - power }, (_, head) => 2 ** ((-8 * (2 * head + 1)) / (2 * power)));
  return [...slopes, ...between];
}

/**
 * `bias[h, i, j] = -slope[h] * |position(i) - position(j)|`, to be given to a layer as `bias`.
 *
 * @param numHeads - H: an integer >= 1.
 * @param tokens - T, a number or the name of a dimension.
 * @returns float32 `[H, listeners, tokens]`
 * @throws RangeError if a size is not an integer >= 1, or there are more listeners than tokens.
 *
 * @example
 * ```ts
 * attention.forward(x, { bias: alibiBias(8, 64) });
 * ```
 */
export function alibiBias(numHeads: number, tokens: Dim, options: ListenerOptions = {}): Tensor {
  const slopes = reshape(constant(alibiSlopes(numHeads), [numHeads]), [numHeads, 1, 1]);
  const { speaker, listener } = tokenPositions("alibiBias", tokens, options);
  const distance = cast(abs(sub(listener, speaker)), "float32"); // [listeners, tokens]
  return neg(mul(slopes, distance)); // [H, listeners, tokens]
}

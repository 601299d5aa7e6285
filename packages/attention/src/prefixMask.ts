/**
 * The graph in which the tokens of a prefix hear each other in both directions, and the tokens behind it hear causally (Raffel et
 * al. 2020, https://arxiv.org/abs/1910.10683, section 3.2.1): a question may be read back and forth, the answer is written forwards.
 */

import { cast, type Dim, formatShape, less, lessEqual, logicalOr, reshape, type Tensor } from "@llm-learning/nn-core";
import { type ListenerOptions, tokenPositions } from "./tokenPositions.ts";

/**
 * The mask under which every token hears the whole prefix, itself, and the tokens between.
 *
 * It takes the place of `causal`, which would hide what is later in the prefix.
 *
 * @param tokens - T, a number or the name of a dimension.
 * @param prefix - Length of the prefix: one integer >= 0, or int32 or int64 `[B]`, one for each text.
 * @returns bool `[listeners, tokens]`, or `[B, 1, listeners, tokens]` for a length of each text.
 * @throws RangeError if `prefix` is no integer >= 0 and no vector, or there are more listeners than tokens.
 */
export function prefixMask(tokens: Dim, prefix: number | Tensor, options: ListenerOptions = {}): Tensor {
  const { speaker, listener } = tokenPositions("prefixMask", tokens, options);
  const isEarlier = lessEqual(speaker, listener); // [listeners, tokens]
  if (typeof prefix === "number") {
    if (!Number.isSafeInteger(prefix) || prefix < 0) {
      throw new RangeError(`prefixMask: expected prefix to be an integer >= 0, got ${prefix}`);
    }
    return logicalOr(isEarlier, less(speaker, prefix));
  }
  if (prefix.rank !== 1) {
    throw new RangeError(`prefixMask: expected prefix to be a number or [B], got ${formatShape(prefix.shape)}`);
  }
  const end = cast(reshape(prefix, [prefix.shape[0], 1, 1, 1]), "int32"); // [B, 1, 1, 1]
  return logicalOr(isEarlier, less(speaker, end)); // [B, 1, listeners, tokens]
}

/**
 * The graph in which messages stay inside a document, where several are packed into one sequence.
 */

import { constant, equal, expandDims, formatShape, isTensor, type Tensor } from "@llm-learning/nn-core";

/**
 * The mask under which a token hears the tokens of its own document; join it with `causal`.
 *
 * @param listeners - Which document each token belongs to, any integers: int32 or int64 `[B, T]`, or numbers, `[T]`.
 * @param speakers - The same of all tokens that are heard, `[B, P + T]`, where a KV cache holds P more. @defaultValue listeners
 * @returns bool `[B, 1, T, P + T]`, or `[T, P + T]` for numbers.
 * @throws RangeError if the documents are no integers or no matrix.
 *
 * @example
 * ```ts
 * attention.forward(x, { mask: documentMask([0, 0, 0, 1, 1]) }); // three tokens of one text, two of the next
 * ```
 */
export function documentMask(
  listeners: Tensor | readonly number[],
  speakers: Tensor | readonly number[] = listeners,
): Tensor {
  const [to, from] = [documents(listeners), documents(speakers)];
  if (to.rank !== from.rank) {
    throw new RangeError(
      `documentMask: expected listeners and speakers of one rank, got ${formatShape(to.shape)} and ${formatShape(from.shape)}`,
    );
  }
  const isSame = equal(expandDims(to, -1), expandDims(from, -2)); // [B, T, P + T] or [T, P + T]
  return isSame.rank === 2 ? isSame : expandDims(isSame, 1);
}

function documents(ids: Tensor | readonly number[]): Tensor {
  if (!isTensor(ids)) return constant(ids, [ids.length], "int32");
  if (ids.rank === 2) return ids;
  throw new RangeError(`documentMask: expected documents [B, T], or numbers, got ${formatShape(ids.shape)}`);
}

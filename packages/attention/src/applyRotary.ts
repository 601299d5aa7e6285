/**
 * Rotary positions: each pair of features of a query or key is turned by an angle that grows with its token's position, so that
 * scores depend on the distance between two tokens (Su et al. 2021, https://arxiv.org/abs/2104.09864, section 3.4.2).
 *
 * Pairs are (x[i], x[i + rotaryDim / 2]), the half-split form of GPT-NeoX, Llama and Hugging Face; the paper and Meta's own files
 * pair neighbours, which is the same up to the order of the rows of the projections.
 */

import { cast, constant, cos, expandDims, formatShape, mul, rotary, sin, type Tensor } from "@llm-learning/nn-core";

/** Cosines and sines of the angles of each token, the same for all heads: computed once and given to every layer. */
export interface Rotation {
  /** `[T, rotaryDim / 2]`, or `[B, 1, T, rotaryDim / 2]` */
  readonly cos: Tensor;
  /** Of the shape of `cos`. */
  readonly sin: Tensor;
}

/**
 * The rotation of tokens at the given positions: angles `position * frequency`.
 *
 * @param positionIds - int32 or int64, `[T]` for all texts alike or `[B, T]`.
 * @param frequencies - Radians a token of each pair, such as `rotaryFrequencies(headDim)`.
 * @param options - `attentionFactor`: of turned queries and keys, YaRN's. @defaultValue 1
 * @throws RangeError if positions are of another rank, or there are no frequencies.
 */
export function rotationAt(
  positionIds: Tensor,
  frequencies: readonly number[],
  options: { attentionFactor?: number } = {},
): Rotation {
  const { attentionFactor = 1 } = options;
  if (positionIds.rank !== 1 && positionIds.rank !== 2) {
    throw new RangeError(`rotationAt: expected positionIds [T] or [B, T], got ${formatShape(positionIds.shape)}`);
  }
  if (frequencies.length === 0) throw new RangeError("rotationAt: expected at least one frequency, got none");
  const column = expandDims(cast(positionIds, "float32"), -1); // [T, 1] or [B, T, 1]
  const position = column.rank === 2 ? column : expandDims(column, 1); // [T, 1] or [B, 1, T, 1]
  const angle = mul(position, constant(frequencies, [frequencies.length])); // [..., T, rotaryDim / 2]
  const scaled = (x: Tensor): Tensor => (attentionFactor === 1 ? x : mul(x, attentionFactor));
  return { cos: scaled(cos(angle)), sin: scaled(sin(angle)) };
}

/**
 * `x` with its first `rotaryDim` features turned, pair by pair: `(a cos - b sin, b cos + a sin)`; the others stay.
 *
 * @param x - Queries or keys, `[B, H, T, D]`, D >= rotaryDim.
 * @returns of the shape of `x`
 * @throws RangeError if there are fewer features than the rotation turns.
 */
export function applyRotary(x: Tensor, rotation: Rotation): Tensor {
  const half = rotation.cos.shape[rotation.cos.rank - 1];
  const width = x.shape[x.rank - 1];
  if (typeof half !== "number" || typeof width !== "number" || width < 2 * half) {
    throw new RangeError(
      `applyRotary: expected a last axis of at least ${2 * Number(half)} features (rotaryDim), got ${formatShape(x.shape)}`,
    );
  }
  return rotary(x, rotation.cos, rotation.sin); // [B, H, T, D]
}

/**
 * How many tokens a model may be given at once.
 */

import { type Dim, formatShape, type Tensor } from "@llm-learning/nn-core";

/**
 * Batch and length of `inputIds`, which a model of windows reads: exactly `blockSize` tokens.
 *
 * @throws RangeError for another shape.
 */
export function expectWindow(model: string, { shape }: Tensor, blockSize: number): [B: Dim, T: number] {
  if (shape.length === 2 && shape[1] === blockSize) return [shape[0], blockSize];
  throw new RangeError(
    `${model}.forward: expected inputIds [B, ${blockSize}] (blockSize tokens), got ${formatShape(shape)}`,
  );
}

/**
 * Batch and length of `inputIds`, which a model of sequences reads: at most `blockSize` tokens, or a length known only when the
 * graph runs.
 *
 * @throws RangeError for another rank, or more tokens.
 */
export function expectSequence(model: string, { shape }: Tensor, blockSize: number): [B: Dim, T: Dim] {
  const [B, T] = shape;
  if (shape.length === 2 && !(typeof T === "number" && T > blockSize)) return [B, T];
  throw new RangeError(
    `${model}.forward: expected inputIds [B, T] of at most blockSize ${blockSize} tokens, got ${formatShape(shape)}`,
  );
}

/**
 * The same for a model that is unrolled while it is traced.
 *
 * @throws RangeError for another rank, more tokens, or a length that is not a number.
 */
export function expectStaticSequence(model: string, inputIds: Tensor, blockSize: number): [B: Dim, T: number] {
  const [B, T] = expectSequence(model, inputIds, blockSize);
  if (typeof T === "number" && T >= 1) return [B, T];
  throw new RangeError(
    `${model}.forward: expected a number of tokens to unroll, from 1 to blockSize ${blockSize}, got ${formatShape(inputIds.shape)}`,
  );
}

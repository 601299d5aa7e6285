/**
 * What a run over the tokens of one sequence is given, however the cache is kept.
 */

import type { TensorValue } from "@llm-learning/nn-core";

/** The output of models that give a token's last hidden state. */
export const HIDDEN_STATES = "last_hidden_state";

/** Most tokens that are read at once: attention's memory grows with the square of it, and a signal has its turn after each piece. */
const PIECE = 512;

/** Ranges of at most 512 tokens, of nearly equal length. */
export function piecesOf(length: number): { readonly from: number; readonly to: number }[] {
  const count = Math.ceil(length / PIECE);
  const border = (piece: number): number => Math.floor((piece * length) / count);
  return Array.from({ length: count }, (_, piece) => ({ from: border(piece), to: border(piece + 1) }));
}

export function int64(shape: readonly number[], data: BigInt64Array): TensorValue {
  return { dtype: "int64", shape, data };
}

export function scalar(value: number): TensorValue {
  return int64([], BigInt64Array.of(BigInt(value)));
}

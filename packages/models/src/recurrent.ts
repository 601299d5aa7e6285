/**
 * What recurrent language models share: sizes, and an embedding read token by token by a cell with a memory.
 *
 * The loop over tokens is unrolled while a pass is traced, so T is a number, and a graph grows with it.
 */

import { type Initializer, type Rng, uniform } from "@llm-learning/init";
import { split, squeeze, type Tensor } from "@llm-learning/nn-core";
import { expectSizes } from "./checkConfig.ts";

/** Sizes of an `RNN` or a `GRU`. */
export interface RecurrentConfig {
  /** Number of kinds of tokens. */
  readonly vocabSize: number;
  /** Longest context, in tokens. */
  readonly blockSize: number;
  /** Width of a token's embedding. */
  readonly nEmbd: number;
  /** Width of the memory. */
  readonly nHidden: number;
}

/**
 * `config`, checked and copied.
 *
 * @throws RangeError naming the field that is missing or out of range.
 */
export function recurrentConfig(model: string, config: RecurrentConfig): RecurrentConfig {
  expectSizes(model, config, ["vocabSize", "blockSize", "nEmbd", "nHidden"]);
  return { ...config };
}

/**
 * PyTorch's start of a linear layer over embedding and memory side by side, as makemore writes it: uniform within
 * 1 / sqrt(nEmbd + nHidden). Here it is two layers whose outputs are added, which is the same, and lets the embedding's part of
 * all tokens be computed at once.
 */
export function sideBySide({ nEmbd, nHidden }: RecurrentConfig, rng: Rng): Initializer {
  const bound = 1 / Math.sqrt(nEmbd + nHidden);
  return (data) => uniform(data, { low: -bound, high: bound, rng });
}

/**
 * The parts of `x` that belong to each token, in order.
 *
 * @param x - `[B, T, H]`
 * @returns T tensors `[B, H]`
 */
export function eachToken(x: Tensor, T: number): Tensor[] {
  return split(x, T, { axis: 1 }).map((part) => squeeze(part, 1)); // [B, H] each
}

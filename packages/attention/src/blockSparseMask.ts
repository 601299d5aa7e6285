/**
 * A graph between blocks of tokens instead of tokens (Child et al. 2019, https://arxiv.org/abs/1904.10509).
 */

import type { Tensor } from "@llm-learning/nn-core";
import { adjacency, adjacencyMask, type GrowingOptions } from "./adjacencyMask.ts";
import { type Edge, expectSize } from "./graphMask.ts";

/**
 * The mask under which each token of a block hears every token of the blocks with an edge to it.
 *
 * Together with a layer's `causal`, a block with an edge to itself hears itself causally.
 *
 * @param size - Number of tokens, T: an integer >= 1. The last block is shorter where `blockSize` does not divide it.
 * @param blockSize - Tokens in a block: an integer >= 1.
 * @param edges - Between blocks, counted from 0.
 * @returns bool `[T, T]`; with options, `[listeners, tokens]` of it.
 * @throws RangeError if a size is not an integer >= 1, an edge leads from or to a block that is not there, or there are more tokens than
 * `size` or more listeners than tokens.
 *
 * @example
 * ```ts
 * // Everybody hears the first block, which holds the instructions, and its own.
 * const mask = blockSparseMask(6, 2, [[0, 0], [0, 1], [0, 2], [1, 1], [2, 2]]);
 * ```
 */
export function blockSparseMask(
  size: number,
  blockSize: number,
  edges: Iterable<Edge>,
  options: GrowingOptions = {},
): Tensor {
  expectSize("blockSparseMask", "size", size);
  expectSize("blockSparseMask", "blockSize", blockSize);
  const blocks = Math.ceil(size / blockSize);
  const reaches = adjacency("blockSparseMask", "blocks", blocks, edges); // [to, from]
  const matrix = new Uint8Array(size * size);
  for (let to = 0; to < size; to++) {
    for (let from = 0; from < size; from++) {
      matrix[to * size + from] = reaches[Math.floor(to / blockSize) * blocks + Math.floor(from / blockSize)];
    }
  }
  return adjacencyMask("blockSparseMask", matrix, size, options);
}

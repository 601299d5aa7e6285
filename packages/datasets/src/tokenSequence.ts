/**
 * Tokens by their place, wherever they are: an array is such a sequence, and so is a file of which no more than what is asked
 * for is ever in memory (`TokenFile` of `@llm-learning/datasets/node`).
 */

import type { TokenArray } from "./tokenArray.ts";

/** Token ids that can be read at any place. */
export interface TokenSequence {
  /** Number of tokens. */
  readonly length: number;
  /**
   * The ids from `begin` (included, @defaultValue 0) to `end` (excluded, @defaultValue `length`): of an array a view, of a file a
   * copy. Both are integers from 0 to `length`.
   *
   * @throws the sequence's own error where they cannot be read
   */
  subarray(begin?: number, end?: number): TokenArray;
  /** Says that `subarray(begin, end)` comes soon, so that a slow disk can begin to read. It changes no result. */
  prefetch?(begin: number, end: number): void;
}

/**
 * The tokens of several files as one sequence, for what reads them in order.
 */

import type { TokenArray, TokenSequence } from "@llm-learning/datasets";

/** The sequences one after the other; one alone is itself. */
export function joinedTokens(sequences: readonly TokenSequence[]): TokenSequence {
  if (sequences.length === 1) return sequences[0];
  const length = sequences.reduce((sum, sequence) => sum + sequence.length, 0);
  return { length, subarray: (begin = 0, end = length) => joinedRange(sequences, begin, end) };
}

function joinedRange(sequences: readonly TokenSequence[], begin: number, end: number): TokenArray {
  const parts: TokenArray[] = [];
  let first = 0;
  for (const sequence of sequences) {
    const [from, to] = [begin - first, end - first].map((at) => Math.min(Math.max(at, 0), sequence.length));
    if (to > from) parts.push(sequence.subarray(from, to));
    first += sequence.length;
  }
  const tokens = parts[0] instanceof Uint32Array ? new Uint32Array(end - begin) : new Uint16Array(end - begin);
  let at = 0;
  for (const part of parts) {
    tokens.set(part, at);
    at += part.length;
  }
  return tokens;
}

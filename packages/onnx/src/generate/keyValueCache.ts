/**
 * Where the keys and values of a batch are kept between two runs of a model, and how a run gets at them.
 *
 * Rows end together: at place 0 of a shorter row there is padding.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import type { CausalLMSignature } from "./causalLMSignature.ts";

/** The cache of a batch. */
export interface KeyValueCache {
  /** Tokens that it holds of each row, padding included. */
  readonly length: number;
  /** What a run that adds `count` tokens to each row is given, and writes into. */
  run(count: number): CacheRun;
  /** Goes on with the rows at these indices, in rising order. */
  keep(rows: readonly number[]): void;
  /** Forgets all tokens but the first `length`. */
  truncate(length: number): void;
  /** Copies of the tokens at places from `from` to `to`: `[rows, nKvHead, to - from, headDim]` of each layer's keys and values. */
  copyOut(from: number, to: number): Float32Array[];
  /** Puts such copies behind the tokens that it holds. */
  copyIn(parts: readonly Float32Array[]): void;
}

/** The cache's part of a run. */
export interface CacheRun {
  readonly feeds: Readonly<Record<string, TensorValue>>;
  readonly fetches: Readonly<Record<string, TensorValue>>;
  /** Takes over the outputs of the run, once it is done; without that, the cache is as before. */
  finish(outputs: Readonly<Record<string, TensorValue>>): void;
}

/** What a cache has to know of a batch. */
export interface CacheSizes {
  readonly rows: number;
  /** Most tokens of a row, padding included. */
  readonly longest: number;
}

/** Names of the cached keys or values of a layer, as input and as output. */
export interface CacheNames {
  readonly past: string;
  readonly present: string;
}

/** The names of all layers' keys and values. */
export function cacheNames(nLayer: number): CacheNames[] {
  return Array.from({ length: nLayer }, (_, layer) => layer).flatMap((layer) =>
    ["key", "value"].map((part) => ({
      past: `past_key_values.${layer}.${part}`,
      present: `present.${layer}.${part}`,
    })),
  );
}

/** Memory that the keys and values of so many tokens take. */
export function cacheBytes({ nLayer, nKvHead, headDim }: CausalLMSignature, tokens: number): number {
  return 2 * nLayer * nKvHead * headDim * tokens * Float32Array.BYTES_PER_ELEMENT;
}

/** Places for a cache that is to hold `length` tokens: some more, as tokens come one by one. */
export function placesFor(length: number, longest: number): number {
  const step = Math.max(64, length >> 1);
  return Math.max(length, Math.min(longest, length + step));
}

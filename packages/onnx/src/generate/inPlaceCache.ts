/**
 * A cache that the model extends where it is: each buffer is past and present at once, and a run writes the keys and values of the new
 * tokens behind those that are there. So a step costs the same whatever the context, but for attention's own reading of it.
 *
 * That is for com.microsoft GroupQueryAttention, which is told how many places of a buffer count (`past_present_share_buffer` of
 * onnxruntime-genai). Buffers grow by half when they are full.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import type { CausalLMSignature } from "./causalLMSignature.ts";
import { copyTokens } from "./copyTokens.ts";
import {
  type CacheNames,
  cacheNames,
  type CacheRun,
  type CacheSizes,
  type KeyValueCache,
  placesFor,
} from "./keyValueCache.ts";

export class InPlaceCache implements KeyValueCache {
  length = 0;
  readonly #names: readonly CacheNames[];
  readonly #signature: CausalLMSignature;
  readonly #longest: number;
  #rows: number;
  /** Tokens that there is room for. */
  #places = 0;
  /** In the order of the names: [rows, nKvHead, places, headDim]. */
  #buffers: readonly TensorValue[] = [];
  #feeds: Readonly<Record<string, TensorValue>> = {};
  #fetches: Readonly<Record<string, TensorValue>> = {};

  constructor(signature: CausalLMSignature, { rows, longest }: CacheSizes) {
    this.#names = cacheNames(signature.nLayer);
    this.#signature = signature;
    this.#rows = rows;
    this.#longest = longest;
  }

  run(count: number): CacheRun {
    const total = this.length + count;
    if (total > this.#places) this.#grow(placesFor(total, this.#longest));
    const finish = (): void => {
      this.length = total;
    };
    return { feeds: this.#feeds, fetches: this.#fetches, finish };
  }

  keep(rows: readonly number[]): void {
    const size = this.#rowSize(this.#places);
    const buffers = this.#buffers.map((buffer) => {
      const data = buffer.data as Float32Array;
      rows.forEach((row, index) => data.copyWithin(index * size, row * size, (row + 1) * size));
      return this.#buffer(data.subarray(0, rows.length * size), rows.length);
    });
    this.#rows = rows.length;
    this.#use(buffers);
  }

  truncate(length: number): void {
    this.length = length;
  }

  copyOut(from: number, to: number): Float32Array[] {
    const size = this.#signature.headDim;
    const [stride, length] = [this.#places * size, (to - from) * size];
    return this.#buffers.map((buffer) => {
      const data = new Float32Array(this.#heads * length);
      const source = { data: buffer.data as Float32Array, at: from * size, stride };
      copyTokens(source, { data, at: 0, stride: length }, { heads: this.#heads, size: length });
      return data;
    });
  }

  copyIn(parts: readonly Float32Array[]): void {
    const { headDim } = this.#signature;
    const length = parts[0].length / this.#heads;
    const { finish } = this.run(length / headDim);
    const at = this.length * headDim;
    for (const [index, data] of parts.entries()) {
      const target = { data: this.#buffers[index].data as Float32Array, at, stride: this.#places * headDim };
      copyTokens({ data, at: 0, stride: length }, target, { heads: this.#heads, size: length });
    }
    finish({});
  }

  get #heads(): number {
    return this.#rows * this.#signature.nKvHead;
  }

  /** Longer buffers with the same tokens. */
  #grow(places: number): void {
    const heads = this.#heads;
    const size = this.#signature.headDim;
    const [from, to, used] = [this.#places, places, this.length].map((count) => count * size);
    const old = this.#buffers;
    this.#places = places;
    const grown = this.#names.map((_, index) => {
      const data = new Float32Array(heads * to);
      if (used > 0) {
        const source = { data: old[index].data as Float32Array, at: 0, stride: from };
        copyTokens(source, { data, at: 0, stride: to }, { heads, size: used });
      }
      return this.#buffer(data, this.#rows);
    });
    this.#use(grown);
  }

  #use(buffers: readonly TensorValue[]): void {
    this.#buffers = buffers;
    const named = (kind: keyof CacheNames): Readonly<Record<string, TensorValue>> =>
      Object.freeze(Object.fromEntries(this.#names.map((names, index) => [names[kind], buffers[index]])));
    this.#feeds = named("past");
    this.#fetches = named("present");
  }

  #buffer(data: Float32Array, rows: number): TensorValue {
    const { headDim, nKvHead } = this.#signature;
    return { dtype: "float32", shape: [rows, nKvHead, this.#places, headDim], data };
  }

  #rowSize(places: number): number {
    return this.#signature.nKvHead * places * this.#signature.headDim;
  }
}

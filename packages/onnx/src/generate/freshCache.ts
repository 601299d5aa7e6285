/**
 * A cache that the model writes anew in each run, old tokens and new ones, which is how exported attention of ordinary operators
 * has it. Two buffers for each tensor take turns, so that nothing is allocated for a token.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import type { CausalLMSignature } from "./causalLMSignature.ts";
import {
  type CacheNames,
  cacheNames,
  type CacheRun,
  type CacheSizes,
  type KeyValueCache,
  placesFor,
} from "./keyValueCache.ts";
import { copyTokens } from "./copyTokens.ts";

export class FreshCache implements KeyValueCache {
  length = 0;
  readonly #names: readonly CacheNames[];
  readonly #signature: CausalLMSignature;
  readonly #longest: number;
  #rows: number;
  /** In the order of the names: [rows, nKvHead, length, headDim]. */
  #values: readonly TensorValue[];
  /** Memory that nothing is kept in, in the order of the names. */
  #spare: Float32Array[] = [];

  constructor(signature: CausalLMSignature, { rows, longest }: CacheSizes) {
    this.#names = cacheNames(signature.nLayer);
    this.#signature = signature;
    this.#longest = longest;
    this.#rows = rows;
    this.#values = this.#names.map(() => this.#value(new Float32Array(), rows, 0));
  }

  run(count: number): CacheRun {
    const total = this.length + count;
    const size = this.#rows * this.#rowSize(total);
    const targets = this.#names.map((_, index) => {
      const spare = this.#spare[index];
      if (spare !== undefined && spare.length >= size) return this.#value(spare.subarray(0, size), this.#rows, total);
      const places = placesFor(total, this.#longest);
      const memory = new Float32Array(this.#rows * this.#rowSize(places));
      this.#spare[index] = memory;
      return this.#value(memory.subarray(0, size), this.#rows, total);
    });
    const finish = (outputs: Readonly<Record<string, TensorValue>>): void => {
      this.#spare = this.#values.map(({ data }) => new Float32Array(data.buffer as ArrayBuffer));
      this.#values = this.#names.map(({ present }) => outputs[present]);
      this.length = total;
    };
    return { feeds: this.#named("past", this.#values), fetches: this.#named("present", targets), finish };
  }

  keep(rows: readonly number[]): void {
    const size = this.#rowSize(this.length);
    this.#values = this.#values.map((value) => {
      const data = value.data as Float32Array;
      rows.forEach((row, index) => data.copyWithin(index * size, row * size, (row + 1) * size));
      return this.#value(data.subarray(0, rows.length * size), rows.length, this.length);
    });
    this.#rows = rows.length;
  }

  truncate(length: number): void {
    this.#replace(this.copyOut(0, length), length);
  }

  copyOut(from: number, to: number): Float32Array[] {
    const { headDim } = this.#signature;
    const size = (to - from) * headDim;
    return this.#values.map((value) => {
      const data = new Float32Array(this.#rows * this.#rowSize(to - from));
      const source = { data: value.data as Float32Array, at: from * headDim, stride: this.length * headDim };
      copyTokens(source, { data, at: 0, stride: size }, { heads: this.#heads, size });
      return data;
    });
  }

  copyIn(parts: readonly Float32Array[]): void {
    const { headDim } = this.#signature;
    const added = parts[0].length / this.#heads;
    const used = this.length * headDim;
    const stride = used + added;
    const joined = parts.map((data, index) => {
      const target = new Float32Array(this.#heads * stride);
      const source = { data: this.#values[index].data as Float32Array, at: 0, stride: used };
      copyTokens(source, { data: target, at: 0, stride }, { heads: this.#heads, size: used });
      copyTokens(
        { data, at: 0, stride: added },
        { data: target, at: used, stride },
        { heads: this.#heads, size: added },
      );
      return target;
    });
    this.#replace(joined, stride / headDim);
  }

  get #heads(): number {
    return this.#rows * this.#signature.nKvHead;
  }

  #replace(parts: readonly Float32Array[], length: number): void {
    this.#values = parts.map((data) => this.#value(data, this.#rows, length));
    this.length = length;
  }

  #named(kind: keyof CacheNames, values: readonly TensorValue[]): Readonly<Record<string, TensorValue>> {
    return Object.fromEntries(this.#names.map((names, index) => [names[kind], values[index]]));
  }

  #value(data: Float32Array, rows: number, length: number): TensorValue {
    const { nKvHead, headDim } = this.#signature;
    return { dtype: "float32", shape: [rows, nKvHead, length, headDim], data };
  }

  #rowSize(length: number): number {
    return this.#signature.nKvHead * length * this.#signature.headDim;
  }
}

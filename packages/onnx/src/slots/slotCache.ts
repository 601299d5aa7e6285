/**
 * The memory of all slots: for each layer one buffer of keys and one of values, `[rows, nKvHead, places, headDim]`, which the model
 * extends in place.
 *
 * A batch is the first so many rows of the buffers. Which row a slot has is settled here, and may change: a slot without tokens has
 * none, and rows are moved where too many in the batch are not of it.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import type { CausalLMSignature } from "../generate/causalLMSignature.ts";
import { cacheNames, placesFor } from "../generate/keyValueCache.ts";
import type { SlotStore } from "./slotLedger.ts";
import { copyTokens } from "../generate/copyTokens.ts";

/** Past and present of some rows: views of the same memory, the same objects whenever the same rows are asked for. */
export type CacheViews = Readonly<Record<string, TensorValue>>;

/** How much memory a cache has. */
export interface SlotCacheSizes {
  readonly slots: number;
  /** More than slots, for what is written and not meant. */
  readonly rows: number;
  /** Places of a row, more than a slot may have tokens. */
  readonly longest: number;
  /** Whether rows begin short and are copied when they are full, instead of having all their places at once. */
  readonly grows: boolean;
}

/** What a batch is made of. */
export interface BatchRows {
  /** The row of each slot, in the order given. */
  readonly rows: readonly number[];
  /** Rows from 0 that the batch consists of, those of other slots, or of none, among them. */
  readonly count: number;
}

/**
 * How many tokens of a slot may be moved for one row less in a step. Measured with 97 million parameters on two cores: a row more takes 0.65
 * ms of a step, in which 250 tokens of 24 KB are moved where memory is slow, and 650 where it is not.
 */
const TOKENS_PER_ROW = 256;

export class SlotCache implements SlotStore {
  /** Another number whenever the memory is another, so that views given before are of no use. */
  version = 0;
  readonly #signature: CausalLMSignature;
  /** Most tokens of a row. */
  readonly #longest: number;
  /** Tokens that there is memory for in each row. */
  #places: number;
  #buffers: readonly Float32Array[];
  /** By slot; undefined for one without tokens. */
  readonly #rowOf: (number | undefined)[];
  /** By row. */
  readonly #slotIn: (number | undefined)[];
  readonly #lengths: number[];
  readonly #views = new Map<number, { readonly past: CacheViews; readonly present: CacheViews }>();
  /** Rows that were computed in vain since rows were moved, in tokens. */
  #wasted = 0;

  constructor(signature: CausalLMSignature, { slots, rows, longest, grows }: SlotCacheSizes) {
    this.#signature = signature;
    this.#longest = longest;
    this.#places = grows ? placesFor(0, longest) : longest;
    this.#buffers = Array.from({ length: 2 * signature.nLayer }, () => new Float32Array(rows * this.#rowSize));
    this.#rowOf = Array.from({ length: slots }, () => undefined);
    this.#slotIn = Array.from({ length: rows }, () => undefined);
    this.#lengths = Array.from({ length: slots }, () => 0);
  }

  /** Sees to it that each row has room for so many tokens. What is in the memory beyond the lengths is lost. */
  reserve(tokens: number): void {
    if (tokens <= this.#places) return;
    const { nKvHead: heads, headDim } = this.#signature;
    const [old, oldRowSize, oldStride] = [this.#buffers, this.#rowSize, this.#places * headDim];
    this.#places = placesFor(tokens, this.#longest);
    const stride = this.#places * headDim;
    this.#buffers = old.map((from) => {
      const data = new Float32Array(this.#slotIn.length * this.#rowSize);
      for (let row = 0; row < this.#slotIn.length; row++) {
        const source = { data: from, at: row * oldRowSize, stride: oldStride };
        const target = { data, at: row * this.#rowSize, stride };
        copyTokens(source, target, { heads, size: this.lengthIn(row) * headDim });
      }
      return data;
    });
    this.#views.clear();
    this.version++;
  }

  lengthOf(slot: number): number {
    return this.#lengths[slot];
  }

  /** Tokens of the slot that holds most. */
  get mostTokens(): number {
    return Math.max(...this.#lengths);
  }

  /** The tokens that a row holds: 0 where it is no slot's. */
  lengthIn(row: number): number {
    const slot = this.#slotIn[row];
    return slot === undefined ? 0 : this.#lengths[slot];
  }

  /** Says how many tokens a slot holds; without any it gives its row back. */
  setLength(slot: number, length: number): void {
    this.#lengths[slot] = length;
    const row = this.#rowOf[slot];
    if (length > 0 || row === undefined) return;
    this.#rowOf[slot] = undefined;
    this.#slotIn[row] = undefined;
  }

  /** The row of a slot: the first free one where it has none yet. */
  rowOf(slot: number): number {
    return this.#rowOf[slot] ?? this.#place(slot, this.#slotIn.indexOf(undefined));
  }

  /** The row of a slot that is stepped in no batch: the last free one where it has none yet. */
  lastRowOf(slot: number): number {
    return this.#rowOf[slot] ?? this.#place(slot, this.#slotIn.lastIndexOf(undefined));
  }

  /** The rows of slots that hold tokens, moved together where that is worth it. */
  batchOf(slots: readonly number[]): BatchRows {
    const count = 1 + Math.max(...slots.map((slot) => this.rowOf(slot)));
    if (count > slots.length) {
      this.#wasted += (count - slots.length) * TOKENS_PER_ROW;
      const moves = this.#movesFor(slots);
      const cost = moves.reduce((sum, { slot, row }) => sum + this.#lengths[slot] + this.lengthIn(row), 0);
      if (cost <= this.#wasted) {
        for (const { slot, row } of moves) this.#exchange(slot, row);
        this.#wasted = 0;
        return { rows: slots.map((slot) => this.rowOf(slot)), count: slots.length };
      }
    }
    return { rows: slots.map((slot) => this.rowOf(slot)), count };
  }

  /** The memory of `count` rows from `row` on. */
  views(row: number, count: number): { readonly past: CacheViews; readonly present: CacheViews } {
    const key = row * (this.#slotIn.length + 1) + count;
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const { nLayer, nKvHead, headDim } = this.#signature;
    const values = this.#buffers.map((buffer): TensorValue => {
      const data = buffer.subarray(row * this.#rowSize, (row + count) * this.#rowSize);
      return { dtype: "float32", shape: [count, nKvHead, this.#places, headDim], data };
    });
    const names = cacheNames(nLayer);
    const named = (kind: "past" | "present"): CacheViews =>
      Object.fromEntries(names.map((name, index) => [name[kind], values[index]]));
    const views = { past: named("past"), present: named("present") };
    this.#views.set(key, views);
    return views;
  }

  /** Copies of the tokens of a slot at places from `from` to `to`: `[nKvHead, to - from, headDim]` of each buffer. */
  copyOut(slot: number, from: number, to: number): Float32Array[] {
    const { nKvHead: heads, headDim } = this.#signature;
    const row = this.rowOf(slot);
    const length = to - from;
    return this.#buffers.map((buffer) => {
      const data = new Float32Array(heads * length * headDim);
      const source = { data: buffer, at: row * this.#rowSize + from * headDim, stride: this.#places * headDim };
      copyTokens(source, { data, at: 0, stride: length * headDim }, { heads, size: length * headDim });
      return data;
    });
  }

  /** Puts such copies at place `at` of a slot. */
  copyIn(slot: number, at: number, parts: readonly Float32Array[]): void {
    const { nKvHead: heads, headDim } = this.#signature;
    this.reserve(at + parts[0].length / (heads * headDim));
    const row = this.rowOf(slot);
    for (const [index, data] of parts.entries()) {
      const size = data.length / heads;
      const target = {
        data: this.#buffers[index],
        at: row * this.#rowSize + at * headDim,
        stride: this.#places * headDim,
      };
      copyTokens({ data, at: 0, stride: size }, target, { heads, size });
    }
  }

  get #rowSize(): number {
    return this.#signature.nKvHead * this.#places * this.#signature.headDim;
  }

  #place(slot: number, row: number): number {
    this.#rowOf[slot] = row;
    this.#slotIn[row] = slot;
    return row;
  }

  /** Which slots of a batch have to go to which rows, for the batch to be the first rows: those that lie behind go into the gaps. */
  #movesFor(slots: readonly number[]): { readonly slot: number; readonly row: number }[] {
    const taken = new Set(slots.map((slot) => this.#rowOf[slot]));
    const gaps = Array.from({ length: slots.length }, (_, row) => row).filter((row) => !taken.has(row));
    const behind = slots.filter((slot) => this.rowOf(slot) >= slots.length);
    return behind.map((slot, index) => ({ slot, row: gaps[index] }));
  }

  /** Gives a slot another row; a slot that has that row gets the one that becomes free. */
  #exchange(slot: number, row: number): void {
    const from = this.rowOf(slot);
    const other = this.#slotIn[row];
    const displaced = other === undefined ? undefined : this.copyOut(other, 0, this.#lengths[other]);
    this.#move(from, row, this.#lengths[slot]);
    this.#place(slot, row);
    if (other === undefined || displaced === undefined) {
      this.#slotIn[from] = undefined;
      return;
    }
    this.#place(other, from);
    this.copyIn(other, 0, displaced);
  }

  #move(from: number, to: number, length: number): void {
    const { nKvHead: heads, headDim } = this.#signature;
    const stride = this.#places * headDim;
    for (const data of this.#buffers) {
      const source = { data, at: from * this.#rowSize, stride };
      copyTokens(source, { data, at: to * this.#rowSize, stride }, { heads, size: length * headDim });
    }
  }
}

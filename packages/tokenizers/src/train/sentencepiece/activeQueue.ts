/**
 * The symbols among which the next one to merge is looked for; the best comes first: the most frequent, then the shortest,
 * then the first by spelling.
 */

import { Int32List } from "./int32List.ts";
import type { Symbols } from "./symbols.ts";
import { comparePoints } from "./trainingText.ts";

/** A heap whose keys may go down while they are in it. */
export class ActiveQueue {
  readonly #symbols: Symbols;
  #heap = new Int32List();
  /** Frequency of each symbol when it was put in its place. */
  #known = new Float64Array(256);
  #isActive = new Uint8Array(256);

  constructor(symbols: Symbols) {
    this.#symbols = symbols;
  }

  /** Whether a symbol is among them. */
  has(symbol: number): boolean {
    return this.#isActive[symbol] === 1;
  }

  /** Puts in place of all symbols the first `count` of some. */
  replace(chosen: Int32Array, count: number): void {
    this.#reserve(this.#symbols.size);
    this.#isActive.fill(0);
    this.#heap = new Int32List();
    for (let i = 0; i < count; i++) this.add(chosen[i]);
  }

  /** Adds a symbol that is not among them; its frequency does not go up any more. */
  add(symbol: number): void {
    this.#reserve(symbol + 1);
    this.#isActive[symbol] = 1;
    this.#known[symbol] = this.#symbols.frequencies[symbol];
    this.#heap.push(symbol);
    const heap = this.#heap.items;
    let at = this.#heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(symbol, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = symbol;
  }

  /** Takes the best symbol out; -1 if there is none. */
  take(): number {
    const { frequencies } = this.#symbols;
    while (this.#heap.length > 0) {
      const best = this.#heap.items[0];
      if (frequencies[best] < this.#known[best]) {
        this.#known[best] = frequencies[best];
        this.#sink(best);
        continue;
      }
      this.#isActive[best] = 0;
      this.#heap.length--;
      if (this.#heap.length > 0) this.#sink(this.#heap.items[this.#heap.length]);
      return best;
    }
    return -1;
  }

  /** Puts a symbol into the place of the first and lets it find its own. */
  #sink(symbol: number): void {
    const heap = this.#heap.items;
    const { length } = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#isBefore(heap[child + 1], heap[child])) child++;
      if (!this.#isBefore(heap[child], symbol)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = symbol;
  }

  #isBefore(a: number, b: number): boolean {
    const more = this.#known[a] - this.#known[b];
    if (more !== 0) return more > 0;
    const { points, starts } = this.#symbols;
    const { items } = starts;
    const longer = items[a + 1] - items[a] - (items[b + 1] - items[b]);
    if (longer !== 0) return longer < 0;
    return (comparePoints(points.items, items[a], items[a + 1], items[b], items[b + 1]) || a - b) < 0;
  }

  #reserve(size: number): void {
    if (size <= this.#known.length) return;
    const known = new Float64Array(2 * size);
    const isActive = new Uint8Array(2 * size);
    known.set(this.#known);
    isActive.set(this.#isActive);
    this.#known = known;
    this.#isActive = isActive;
  }
}

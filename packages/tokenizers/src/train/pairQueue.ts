/**
 * Which pair is merged next: the most frequent one, and of several the one with the smallest ids, left before right.
 *
 * A binary heap that is lazy. Counts of pairs only ever fall, so an entry keeps the count it came with, and is put in its place when it
 * comes to the top with too large a one.
 */

import type { PairTally } from "./pairTally.ts";

/** Pairs by their counts. */
export class PairQueue {
  readonly #pairs: PairTally;
  readonly #least: number;
  #size = 0;
  /** Pair and count of each entry. */
  #entries = new Int32Array(1 << 12);
  #counts = new Float64Array(1 << 12);

  /** @param least - Pairs with lower counts are left out. */
  constructor(pairs: PairTally, least: number) {
    this.#pairs = pairs;
    this.#least = least;
  }

  push(pair: number): void {
    const count = this.#pairs.count[pair] as number;
    if (count < this.#least) return;
    if (this.#size === this.#entries.length) {
      const [entries, counts] = [this.#entries, this.#counts];
      this.#entries = new Int32Array(2 * this.#size);
      this.#counts = new Float64Array(2 * this.#size);
      this.#entries.set(entries);
      this.#counts.set(counts);
    }
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(pair, count, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#entries[at] = pair;
    this.#counts[at] = count;
  }

  /** Takes out the pair that is merged next; -1 if there is none. */
  pop(): number {
    while (this.#size > 0) {
      const pair = this.#entries[0] as number;
      const count = this.#pairs.count[pair] as number;
      if (count === this.#counts[0]) {
        this.#removeTop();
        return pair;
      }
      if (count >= this.#least) this.#sink(pair, count);
      else {
        this.#pairs.drop(pair);
        this.#removeTop();
      }
    }
    return -1;
  }

  #removeTop(): void {
    const last = --this.#size;
    if (last > 0) this.#sink(this.#entries[last] as number, this.#counts[last] as number);
  }

  /** Puts a pair in the place of the top one. */
  #sink(pair: number, count: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (
        child + 1 < this.#size &&
        this.#isBefore(this.#entries[child + 1] as number, this.#counts[child + 1] as number, child)
      )
        child++;
      if (this.#isBefore(pair, count, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#entries[at] = pair;
    this.#counts[at] = count;
  }

  #move(from: number, to: number): void {
    this.#entries[to] = this.#entries[from] as number;
    this.#counts[to] = this.#counts[from] as number;
  }

  /** Whether a pair is merged before the one of an entry. */
  #isBefore(pair: number, count: number, entry: number): boolean {
    if (count !== this.#counts[entry]) return count > (this.#counts[entry] as number);
    const other = this.#entries[entry] as number;
    const { left, right } = this.#pairs;
    if (left[pair] !== left[other]) return (left[pair] as number) < (left[other] as number);
    return (right[pair] as number) < (right[other] as number);
  }
}

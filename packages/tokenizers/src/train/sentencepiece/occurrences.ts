/**
 * Where each pair of symbols stands in the text.
 *
 * A place is the cell of the pair's left symbol. Places of a pair are kept in the order of the text; those where the pair
 * has been merged with a neighbour since stay in the list, and are to be passed over.
 */

import { Int32List } from "./int32List.ts";

const END = -1;

/** A list of places for each symbol. */
export class Occurrences {
  readonly #places = new Int32List();
  readonly #next = new Int32List();
  #first = new Int32Array(256).fill(END);
  #last = new Int32Array(256).fill(END);

  /** Adds a place behind the others of a symbol. */
  add(symbol: number, place: number): void {
    if (symbol >= this.#first.length) this.#grow(symbol);
    const entry = this.#places.length;
    this.#places.push(place);
    this.#next.push(END);
    if (this.#first[symbol] === END) this.#first[symbol] = entry;
    else this.#next.items[this.#last[symbol]] = entry;
    this.#last[symbol] = entry;
  }

  /** The first entry of a symbol, or -1. */
  first(symbol: number): number {
    return symbol < this.#first.length ? this.#first[symbol] : END;
  }

  /** The entry after another, or -1. */
  next(entry: number): number {
    return this.#next.items[entry];
  }

  place(entry: number): number {
    return this.#places.items[entry];
  }

  /** Takes out an entry, given the one before it, or -1. */
  remove(symbol: number, entry: number, before: number): void {
    const next = this.#next.items[entry];
    if (before === END) this.#first[symbol] = next;
    else this.#next.items[before] = next;
    if (next === END) this.#last[symbol] = before;
  }

  #grow(symbol: number): void {
    const size = Math.max(symbol + 1, 2 * this.#first.length);
    const first = new Int32Array(size).fill(END);
    const last = new Int32Array(size).fill(END);
    first.set(this.#first);
    last.set(this.#last);
    this.#first = first;
    this.#last = last;
  }
}

/**
 * The pairs of neighbouring tokens that may yet be merged: how often each occurs and where.
 *
 * A pair's places stand in one stretch of an array that all pairs share; stretches are in the order of the pairs' numbers, so that the
 * array can be compacted in place when it is full. A place is not taken out when its pair ceases to be there: who reads the places looks
 * whether it still is.
 */

/** Numbered pairs. */
export class PairTally {
  size = 0;
  left: Int32Array = new Int32Array(1 << 12);
  right: Int32Array = new Int32Array(1 << 12);
  /** How often each pair occurs now. */
  count: Float64Array = new Float64Array(1 << 12);
  /** Places of all pairs; those of pair `i` are from `from[i]` to `to[i]`. */
  places: Int32Array = new Int32Array(1 << 10);
  from: Int32Array = new Int32Array(1 << 12);
  to: Int32Array = new Int32Array(1 << 12);
  #placesEnd = 0;
  #slots = new Int32Array(1 << 14).fill(-1);

  readonly #symbols: ArrayLike<number>;
  readonly #lengths: Int32Array;

  /**
   * @param symbols - The tokens: what stands at the places.
   * @param lengths - How far the next token is, for each token.
   */
  constructor(symbols: Uint16Array | Int32Array, lengths: Int32Array) {
    this.#symbols = symbols;
    this.#lengths = lengths;
  }

  /** The number of a pair, or -1. */
  find(left: number, right: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hashPair(left, right) & mask; ; slot = (slot + 1) & mask) {
      const pair = slots[slot] as number;
      if (pair < 0 || (this.left[pair] === left && this.right[pair] === right)) return pair;
    }
  }

  /** Makes room for a number of places, before pairs with that many are added. */
  reserve(more: number): void {
    if (this.#placesEnd + more > this.places.length) this.#compact(more);
  }

  /** Adds a pair that is not there. Its places go from `from[pair]` on, up to `to[pair]`, which the caller moves. */
  add(left: number, right: number, count: number, places: number): number {
    if (this.size === this.left.length) this.#grow();
    const pair = this.size++;
    this.left[pair] = left;
    this.right[pair] = right;
    this.count[pair] = count;
    this.from[pair] = this.to[pair] = this.#placesEnd;
    this.#placesEnd += places;
    this.#insert(pair);
    if (3 * this.size > 2 * this.#slots.length) {
      this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
      for (let other = 0; other < this.size; other++) this.#insert(other);
    }
    return pair;
  }

  /** Forgets the places of a pair that has been merged, or never will be. */
  drop(pair: number): void {
    this.count[pair] = 0;
    this.to[pair] = this.from[pair] as number;
  }

  #insert(pair: number): void {
    const mask = this.#slots.length - 1;
    let slot = hashPair(this.left[pair] as number, this.right[pair] as number) & mask;
    while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
    this.#slots[slot] = pair;
  }

  #grow(): void {
    const { left, right, count, from, to } = this;
    const length = 2 * left.length;
    [this.left, this.right, this.from, this.to] = [left, right, from, to].map((old) => {
      const larger = new Int32Array(length);
      larger.set(old);
      return larger;
    }) as [Int32Array, Int32Array, Int32Array, Int32Array];
    this.count = new Float64Array(length);
    this.count.set(count);
  }

  /** Moves the places that still hold together, and makes room for more if that was little gain. */
  #compact(more: number): void {
    const { places, from, to } = this;
    const symbols = this.#symbols;
    let end = 0;
    for (let pair = 0; pair < this.size; pair++) {
      const left = this.left[pair] as number;
      const right = this.right[pair] as number;
      const length = this.#lengths[left] as number;
      const stop = to[pair] as number;
      let at = from[pair] as number;
      from[pair] = end;
      for (; at < stop; at++) {
        const place = places[at] as number;
        if (symbols[place] === left && symbols[place + length] === right) places[end++] = place;
      }
      to[pair] = end;
    }
    this.#placesEnd = end;
    // There are ever fewer neighbours, so an array with room for them and a quarter more does not have to grow again.
    if (1.125 * (end + more) <= places.length) return;
    this.places = new Int32Array(Math.ceil(1.25 * (end + more)) + 1024);
    this.places.set(places.subarray(0, end));
  }
}

function hashPair(left: number, right: number): number {
  let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}

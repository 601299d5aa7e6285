/**
 * The grams of one length while they are being counted: a hash table from (the gram without its last token, its last
 * token) to a number and a count, in typed arrays. About 20 bytes per gram, and no object for any of them.
 */

/** An empty slot of the hash table. */
const FREE = 0;

/** The slots, twice as many, then still fill one typed array. */
const MAX_GRAMS = 2 ** 30;

/** Grows as grams are met; none is ever removed. */
export class GramTable {
  /** How many different grams there are: they have the numbers from 0 on, in the order they were met. */
  size = 0;
  /** The number, among the grams that are one shorter, of each gram without its last token. */
  parents: Uint32Array = new Uint32Array(1024);
  /** The last token of each. */
  tokens: Uint32Array = new Uint32Array(1024);
  /** How often each came. */
  counts: Uint32Array = new Uint32Array(1024);
  /** Numbers plus one, at the places that hashing gives; a power of two, at most half full. */
  #slots = new Uint32Array(2048);

  /** The number of the gram, which is added with count 0 if it is new. */
  findOrAdd(parent: number, token: number): number {
    if (this.size === this.parents.length) this.#grow();
    const slot = this.#slotOf(parent, token);
    const entry = this.#slots[slot];
    if (entry !== FREE) return entry - 1;
    const gram = this.size++;
    this.#slots[slot] = gram + 1;
    this.parents[gram] = parent;
    this.tokens[gram] = token;
    return gram;
  }

  /** Where the gram is, or the free slot where it belongs. */
  #slotOf(parent: number, token: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash(parent, token) & mask;
    for (; slots[slot] !== FREE; slot = (slot + 1) & mask) {
      const gram = slots[slot] - 1;
      if (this.tokens[gram] === token && this.parents[gram] === parent) break;
    }
    return slot;
  }

  #grow(): void {
    const capacity = 2 * this.parents.length;
    if (capacity > MAX_GRAMS) {
      throw new RangeError(
        `NGramCounter.add: expected at most ${MAX_GRAMS} different grams of one length; use a smaller order or less text`,
      );
    }
    this.parents = enlarged(this.parents, capacity);
    this.tokens = enlarged(this.tokens, capacity);
    this.counts = enlarged(this.counts, capacity);
    this.#slots = new Uint32Array(2 * capacity);
    for (let gram = 0; gram < this.size; gram++) {
      this.#slots[this.#slotOf(this.parents[gram], this.tokens[gram])] = gram + 1;
    }
  }
}

function enlarged(values: Uint32Array, capacity: number): Uint32Array {
  const copy = new Uint32Array(capacity);
  copy.set(values);
  return copy;
}

/** Mixes both numbers into 32 bits of which the lowest are as good as the highest. */
function hash(parent: number, token: number): number {
  let mixed = Math.imul(parent, 0x9e3779b1) ^ Math.imul(token + 1, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

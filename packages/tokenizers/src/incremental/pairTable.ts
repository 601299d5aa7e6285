/**
 * Pairs of token ranks and the rank that each pair merges into: a hash table in one typed array.
 */

/** What `get` says of a pair that does not merge: more than any rank. */
const NO_MERGE = 0xffff_ffff;

export class PairTable {
  /** Slots of three: left, right, and merged + 1, or 0 where the slot is free. */
  readonly #slots: Uint32Array;
  readonly #mask: number;

  /** @param size - Most pairs that it will hold. */
  constructor(size: number) {
    const slots = 2 ** Math.ceil(Math.log2(2 * size + 1));
    this.#slots = new Uint32Array(3 * slots);
    this.#mask = slots - 1;
  }

  /** The rank that two tokens merge into, or {@link NO_MERGE}. */
  get(left: number, right: number): number {
    const slots = this.#slots;
    for (let slot = hash(left, right) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = 3 * slot;
      if (slots[at + 2] === 0) return NO_MERGE;
      if (slots[at] === left && slots[at + 1] === right) return slots[at + 2] - 1;
    }
  }

  /** Adds a pair that is not there yet. */
  set(left: number, right: number, merged: number): void {
    let slot = hash(left, right) & this.#mask;
    while (this.#slots[3 * slot + 2] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots.set([left, right, merged + 1], 3 * slot);
  }
}

function hash(left: number, right: number): number {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

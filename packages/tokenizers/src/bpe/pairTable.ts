/**
 * Which two tokens make a third: a table from (left id, right id) to the id of the merge.
 *
 * Open addressing over one array, four numbers to a slot, so that a look-up touches one cache line. Where every token is
 * made by the merges below its own rank, it is enough to have the one merge that makes it: of all ways to cut a token's bytes in two, no
 * other ever meets in a text, since the bytes of the token merge among themselves in one order only.
 */

/** What {@link PairTable.get} gives for two tokens that make no third; larger than every id. */
export const NO_MERGE = 0x7fffffff;

/** Merges by their two parts. */
export class PairTable {
  /** Left id, right id and merged id of each slot, and a number unused; the left id is -1 where the slot is empty. */
  readonly #slots: Int32Array;
  readonly #mask: number;

  /** @param capacity - The largest number of pairs; the table is at most half full. */
  constructor(capacity: number) {
    const size = 1 << (32 - Math.clz32(Math.max(16, 2 * capacity)));
    this.#slots = new Int32Array(4 * size).fill(-1);
    this.#mask = 4 * size - 1;
  }

  /** The id that two tokens make together, or {@link NO_MERGE}. */
  get(left: number, right: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = (hashPair(left, right) << 2) & mask;
    for (;;) {
      const known = slots[slot] as number;
      if (known === left && slots[slot + 1] === right) return slots[slot + 2] as number;
      if (known === -1) return NO_MERGE;
      slot = (slot + 4) & mask;
    }
  }

  /** Adds a merge; the pair must be new. */
  add(left: number, right: number, merged: number): void {
    let slot = (hashPair(left, right) << 2) & this.#mask;
    while (this.#slots[slot] !== -1) slot = (slot + 4) & this.#mask;
    this.#slots[slot] = left;
    this.#slots[slot + 1] = right;
    this.#slots[slot + 2] = merged;
  }
}

function hashPair(left: number, right: number): number {
  const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}

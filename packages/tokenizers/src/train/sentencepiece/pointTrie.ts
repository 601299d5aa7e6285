/**
 * A trie over code points that is quick to build: one hash table of its edges, in which a node is the place of the edge that
 * leads to it. A step touches one cache line.
 */

/** The node without characters. */
export const ROOT = -4;
const NONE = -1;
/** Where a slot has the node that its edge comes from (-1 if it is free), its code point, and its node's value. */
const FROM = 0;
const POINT = 1;
/** Place of a node's value in {@link PointTrie.slots}, behind that of the node. */
export const VALUE = 2;
const WIDTH = 4;

/** Strings of code points with values from 0. */
export class PointTrie {
  /** Four numbers for each edge. A node's value is -1 if it has none. */
  readonly slots: Int32Array;
  readonly #mask: number;

  /** @param capacity - How many code points the strings have in all, at most. */
  constructor(capacity: number) {
    const size = 1 << Math.max(4, 33 - Math.clz32(capacity));
    this.slots = new Int32Array(WIDTH * size).fill(NONE);
    this.#mask = WIDTH * size - 1;
  }

  /** Adds a string; gives its node. */
  insert(points: Int32Array, start: number, end: number): number {
    let node = ROOT;
    for (let at = start; at < end; at++) {
      const slot = this.#find(node, points[at]);
      this.slots[slot + FROM] = node;
      this.slots[slot + POINT] = points[at];
      node = slot;
    }
    return node;
  }

  /** The node that a step leads to, or -1. */
  step(node: number, point: number): number {
    const slot = this.#find(node, point);
    return this.slots[slot] === NONE ? NONE : slot;
  }

  /** The slot of an edge, or the free one that it would have. */
  #find(node: number, point: number): number {
    const { slots } = this;
    const mask = this.#mask;
    const mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(point, 0x85ebca6b);
    let slot = ((mixed ^ (mixed >>> 15)) << 2) & mask;
    for (let from = slots[slot]; from !== NONE; from = slots[slot]) {
      if (from === node && slots[slot + POINT] === point) break;
      slot = (slot + WIDTH) & mask;
    }
    return slot;
  }
}

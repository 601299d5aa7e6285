/**
 * A trie over code points that is quick to build: its edges are one hash table.
 */

const ROOT = 0;
const NONE = -1;
const WIDTH = 2 ** 21;

/** Strings of code points with values from 0. */
export class PointTrie {
  /** Value of each node, or -1. */
  readonly values: Int32Array;
  #nodes = 1;
  /** Node and code point of each edge, or -1 where the slot is free. */
  readonly #keys: Float64Array;
  readonly #children: Int32Array;
  readonly #mask: number;

  /** @param capacity - How many code points the strings have in all, at most. */
  constructor(capacity: number) {
    const size = 1 << Math.max(4, 33 - Math.clz32(capacity));
    this.#keys = new Float64Array(size).fill(NONE);
    this.#children = new Int32Array(size);
    this.#mask = size - 1;
    this.values = new Int32Array(capacity + 1).fill(NONE);
  }

  /** Adds a string; gives its node. */
  insert(points: Int32Array, start: number, end: number): number {
    let node = ROOT;
    for (let at = start; at < end; at++) {
      const key = node * WIDTH + points[at];
      const slot = this.#slotOf(node, points[at], key);
      if (this.#keys[slot] !== key) {
        this.#keys[slot] = key;
        this.#children[slot] = this.#nodes++;
      }
      node = this.#children[slot];
    }
    return node;
  }

  /** The node that a step leads to, or -1; steps begin at node 0. */
  step(node: number, point: number): number {
    const key = node * WIDTH + point;
    const slot = this.#slotOf(node, point, key);
    return this.#keys[slot] === key ? this.#children[slot] : NONE;
  }

  #slotOf(node: number, point: number, key: number): number {
    const keys = this.#keys;
    const mask = this.#mask;
    const mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(point, 0x85ebca6b);
    let slot = (mixed ^ (mixed >>> 15)) & mask;
    for (let found = keys[slot]; found !== key && found !== NONE; found = keys[slot]) slot = (slot + 1) & mask;
    return slot;
  }
}

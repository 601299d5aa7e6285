/**
 * A plain trie over sorted keys in flat arrays: the step between a list of keys and a double array.
 */

import type { ByteTree } from "./doubleArray.ts";

/** Nodes are numbered in preorder. */
export class KeyTree implements ByteTree {
  readonly size: number;
  readonly labels: Uint8Array;
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  readonly values: Int32Array;

  /** @param keys - Distinct, without zero bytes, in ascending order of their bytes. */
  constructor(keys: readonly Uint8Array[], values: ArrayLike<number>) {
    const capacity = keys.reduce((sum, key) => sum + key.length + 1, 1);
    this.labels = new Uint8Array(capacity);
    this.firstChild = new Int32Array(capacity).fill(-1);
    this.nextSibling = new Int32Array(capacity).fill(-1);
    this.values = new Int32Array(capacity);
    // path[d] is the node at depth d of the key before.
    const path = new Int32Array(keys.reduce((longest, key) => Math.max(longest, key.length), 0) + 2);
    let size = 1;
    let previous: Uint8Array = new Uint8Array(0);
    keys.forEach((key, index) => {
      let depth = 0;
      while (depth < previous.length && depth < key.length && previous[depth] === key[depth]) depth++;
      for (; depth <= key.length; depth++) {
        const node = size++;
        const parent = path[depth];
        this.labels[node] = depth < key.length ? key[depth] : 0;
        if (this.firstChild[parent] < 0) this.firstChild[parent] = node;
        else this.nextSibling[path[depth + 1]] = node;
        path[depth + 1] = node;
      }
      this.values[size - 1] = values[index];
      previous = key;
    });
    this.size = size;
  }
}

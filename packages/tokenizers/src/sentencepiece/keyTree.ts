/**
 * A plain trie over sorted keys in flat arrays: the step between a list of keys and a double array.
 */

/** Nodes are numbered in preorder from the root, 0; a key ends in a child with label 0, which holds its value. */
export class KeyTree {
  readonly size: number;
  readonly labels: Uint8Array;
  /** First child of each node, by ascending label; -1 if it has none. */
  readonly firstChild: Int32Array;
  /** The next child of the same parent; -1 if there is none. */
  readonly nextSibling: Int32Array;
  /** Values, at the children with label 0. */
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

  /** A number for what hangs below each node, the same where it is equal. */
  subtreeClasses(): Int32Array {
    const classes = new Int32Array(this.size);
    const known = new Map<string, number>();
    for (let node = this.size - 1; node >= 0; node--) {
      let spelling = "";
      for (let child = this.firstChild[node]; child >= 0; child = this.nextSibling[child]) {
        const label = this.labels[child];
        spelling += `${label}:${label === 0 ? this.values[child] : classes[child]},`;
      }
      const number = known.get(spelling) ?? known.size;
      known.set(spelling, number);
      classes[node] = number;
    }
    return classes;
  }
}

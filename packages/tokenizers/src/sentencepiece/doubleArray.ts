/**
 * A trie over bytes as a double array in the layout of Darts-clone, which is how SentencePiece stores its normalization
 * rules; the same keys and values give the same units as the original's builder.
 *
 * A unit is 32 bits. A node's unit holds its label (bits 0-7), whether a value hangs below it (bit 8), and the offset to
 * its children (bits 10-31, shifted by 8 more if bit 9 is set): the child by byte `c` of node `p` stands at
 * `p ^ offset ^ c` if its label is `c`, the value at `p ^ offset`, with bit 31 set.
 *
 * @see https://github.com/s-yata/darts-clone
 * @see S. Yata et al., "A compact static double-array keeping character codes", Information Processing & Management 43 (2007)
 */

/** The bits of a unit that must equal a byte for a step by that byte: label, and bit 31 clear. */
export const LABEL_BITS: number = 0x800000ff | 0;
/** Set in a unit whose node has a value. */
export const HAS_VALUE = 0x100;
const IS_VALUE = 0x80000000 | 0;
const WIDE_OFFSET = 0x200;

/** The distance, by exclusive or, from a node to its children. */
export function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & WIDE_OFFSET) >>> 6);
}

/**
 * A trie with a node for each byte of a key, the root being 0. A key ends in a child with label 0, which holds its value.
 * Nodes may have children in common.
 */
export interface ByteTree {
  readonly size: number;
  readonly labels: ArrayLike<number>;
  /** First child of each node, by ascending label; -1 if it has none. */
  readonly firstChild: ArrayLike<number>;
  /** The next child of the same parent; -1 if there is none. */
  readonly nextSibling: ArrayLike<number>;
  /** Non-negative integers, at the children with label 0. */
  readonly values: ArrayLike<number>;
}

/**
 * Builds a double array.
 *
 * @param tree - Keys and values.
 * @param classes - A number for what hangs below each node, the same where it is equal: it is stored once then. Without them
 * nothing is shared.
 * @returns The units.
 */
export function buildDoubleArray(tree: ByteTree, classes?: Int32Array): Int32Array {
  const { firstChild, nextSibling } = tree;
  const offsetsOfClasses = new Int32Array(classes === undefined ? 0 : tree.size);
  const builder = new Builder();
  const labels: number[] = [];
  // Nodes whose children are to be placed, each with its place; the next one, in preorder, is last.
  const open = [0, 0];
  while (open.length > 0) {
    const place = open.pop()!;
    const node = open.pop()!;
    const first = firstChild[node];
    if (first < 0) continue;
    const known = classes === undefined ? 0 : offsetsOfClasses[classes[node]] ^ place;
    if (classes !== undefined && offsetsOfClasses[classes[node]] !== 0 && isStorable(known)) {
      builder.link(place, known, tree.labels[first] === 0);
      continue;
    }
    labels.length = 0;
    for (let child = first; child >= 0; child = nextSibling[child]) labels.push(tree.labels[child]);
    const offset = builder.place(place, labels);
    if (classes !== undefined) offsetsOfClasses[classes[node]] = offset;
    builder.link(place, place ^ offset, labels[0] === 0);
    const start = open.length;
    for (let child = first; child >= 0; child = nextSibling[child]) {
      const label = tree.labels[child];
      if (label === 0) builder.units[offset] = tree.values[child] | IS_VALUE;
      else {
        builder.units[offset ^ label] |= label;
        open.push(offset ^ label, child);
      }
    }
    // The first child is to come first; that also puts each node before its place.
    open.push(...open.splice(start).reverse());
  }
  return builder.finish();
}

const BLOCK = 256;
/** Free places are looked for in the last blocks only, which bounds the search. */
const OPEN_BLOCKS = 16;
const OPEN = BLOCK * OPEN_BLOCKS;

/** An offset fits a unit if it is below 2^21, or has its lowest eight bits clear. */
function isStorable(offset: number): boolean {
  return (offset & 0xff) === 0 || (offset & (0xff << 21)) === 0;
}

/** The units, and a ring of the free places among the last {@link OPEN} of them. */
class Builder {
  units = new Int32Array(BLOCK);
  #size = 0;
  #head = 0;
  readonly #next = new Int32Array(OPEN);
  readonly #previous = new Int32Array(OPEN);
  readonly #isTaken = new Uint8Array(OPEN);
  /** Whether a place is the origin of some node's children. */
  readonly #isOrigin = new Uint8Array(OPEN);

  constructor() {
    this.#take(0);
    this.#isOrigin[0] = 1;
    // The root's children have their origin at 1 until they are placed.
    this.link(0, 1, false);
  }

  /** Takes places for children with these labels; gives their origin. */
  place(parent: number, labels: readonly number[]): number {
    const origin = this.#findOrigin(parent, labels);
    for (const label of labels) this.#take(origin ^ label);
    this.#isOrigin[origin % OPEN] = 1;
    return origin;
  }

  /** Writes the offset to a node's children. */
  link(place: number, offset: number, hasValue: boolean): void {
    const unit = (this.units[place] & 0xff) | (hasValue ? HAS_VALUE : 0);
    this.units[place] = unit | (offset < 1 << 21 ? offset << 10 : (offset << 2) | WIDE_OFFSET);
  }

  finish(): Int32Array {
    const blocks = this.#size / BLOCK;
    for (let block = Math.max(0, blocks - OPEN_BLOCKS); block < blocks; block++) this.#close(block);
    return this.units.slice(0, this.#size);
  }

  #findOrigin(parent: number, labels: readonly number[]): number {
    if (this.#head < this.#size) {
      let free = this.#head;
      do {
        const origin = free ^ labels[0];
        if (this.#fits(parent, origin, labels)) return origin;
        free = this.#next[free % OPEN];
      } while (free !== this.#head);
    }
    return this.#size | (parent & 0xff);
  }

  #fits(parent: number, origin: number, labels: readonly number[]): boolean {
    if (this.#isOrigin[origin % OPEN] === 1 || !isStorable(parent ^ origin)) return false;
    for (let i = 1; i < labels.length; i++) if (this.#isTaken[(origin ^ labels[i]) % OPEN] === 1) return false;
    return true;
  }

  #take(place: number): void {
    if (place >= this.#size) this.#grow();
    const at = place % OPEN;
    if (place === this.#head) {
      this.#head = this.#next[at];
      if (this.#head === place) this.#head = this.#size;
    }
    this.#next[this.#previous[at] % OPEN] = this.#next[at];
    this.#previous[this.#next[at] % OPEN] = this.#previous[at];
    this.#isTaken[at] = 1;
  }

  #grow(): void {
    const start = this.#size;
    const end = start + BLOCK;
    if (end > OPEN) this.#close(end / BLOCK - 1 - OPEN_BLOCKS);
    if (end > this.units.length) {
      const larger = new Int32Array(2 * this.units.length);
      larger.set(this.units);
      this.units = larger;
    }
    this.#size = end;
    this.#isTaken.fill(0, start % OPEN, (start % OPEN) + BLOCK);
    this.#isOrigin.fill(0, start % OPEN, (start % OPEN) + BLOCK);
    for (let place = start; place < end; place++) {
      this.#next[place % OPEN] = place + 1;
      this.#previous[place % OPEN] = place - 1;
    }
    const head = this.#head % OPEN;
    const last = this.#head === start ? end - 1 : this.#previous[head];
    const first = start;
    this.#previous[first % OPEN] = last;
    this.#next[(end - 1) % OPEN] = this.#head;
    this.#next[last % OPEN] = first;
    this.#previous[head] = end - 1;
  }

  /** Labels the free places of a block so that no step can reach them. */
  #close(block: number): void {
    const start = block * BLOCK;
    let unused = 0;
    for (let place = start + BLOCK - 1; place >= start; place--) if (this.#isOrigin[place % OPEN] === 0) unused = place;
    for (let place = start; place < start + BLOCK; place++) {
      if (this.#isTaken[place % OPEN] === 1) continue;
      this.#take(place);
      this.units[place] |= (place ^ unused) & 0xff;
    }
  }
}

/**
 * A trie of tokens spelled backwards: walking from a place in a text towards its start, it meets every token that ends
 * there. One hash table of (node, byte) to node; nodes are numbered as they are made, the root is 0.
 *
 * The `bpe` crate finds the same tokens with an Aho-Corasick automaton that reads forwards. Here a walk never leaves the
 * piece that it began in, and pieces are a few bytes long, so that the failure links would cost more than they save.
 */

/** So that a key, 256 times as much, is a 32-bit integer. Real vocabularies have at most an eighth of it. */
const NODES = 2 ** 23;

/** Tokens by their bytes, last byte first. */
export class SuffixTrie {
  /** Token that a node completes, by node; -1 where it is only a part of longer ones. */
  tokens: Int32Array = new Int32Array(1 << 12).fill(-1);
  #size = 1;
  /** Slots of two: the key, `node * 256 + byte`, or -1 where free; and the child. */
  #slots = new Int32Array(1 << 14).fill(-1);
  #mask: number = (1 << 13) - 1;

  /** Adds the token `bytes[start..end)`, which is not there yet. */
  add(bytes: Uint8Array, start: number, end: number, token: number): void {
    let node = 0;
    for (let i = end - 1; i >= start; i--) {
      const next = this.child(node, bytes[i]);
      node = next >= 0 ? next : this.#addChild(node, bytes[i]);
    }
    this.tokens[node] = token;
  }

  /** The node that `byte` leads to, or -1. */
  child(node: number, byte: number): number {
    const key = (node << 8) | byte;
    const slots = this.#slots;
    for (let slot = hash(key) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const found = slots[2 * slot];
      if (found === key) return slots[2 * slot + 1];
      if (found < 0) return -1;
    }
  }

  #addChild(node: number, byte: number): number {
    if (this.#size >= NODES) throw new RangeError(`SuffixTrie: expected tokens of less than ${NODES} bytes in all`);
    if (2 * this.#size > this.#mask) this.#grow();
    const child = this.#size++;
    this.#put((node << 8) | byte, child);
    return child;
  }

  #put(key: number, child: number): void {
    let slot = hash(key) & this.#mask;
    while (this.#slots[2 * slot] >= 0) slot = (slot + 1) & this.#mask;
    this.#slots[2 * slot] = key;
    this.#slots[2 * slot + 1] = child;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length).fill(-1);
    this.#mask = old.length - 1;
    for (let i = 0; i < old.length; i += 2) if (old[i] >= 0) this.#put(old[i], old[i + 1]);
    const tokens = new Int32Array(old.length / 2).fill(-1);
    tokens.set(this.tokens);
    this.tokens = tokens;
  }
}

function hash(key: number): number {
  const mixed = Math.imul(key, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

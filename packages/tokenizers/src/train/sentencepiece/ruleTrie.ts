/**
 * A trie that is built key by key, in which nodes can share what hangs below them: the way from normalization rules to a
 * double array.
 */

import type { ByteTree } from "../../sentencepiece/doubleArray.ts";
import { Int32List } from "./int32List.ts";

const NONE = -1;
const ROOT = 0;

/** Byte strings with values. */
export class RuleTrie implements ByteTree {
  readonly #labels = new Int32List();
  readonly #firstChild = new Int32List();
  readonly #nextSibling = new Int32List();
  readonly #values = new Int32List();

  constructor() {
    this.addRoot();
  }

  get size(): number {
    return this.#labels.length;
  }

  get labels(): Int32Array {
    return this.#labels.items;
  }

  get firstChild(): Int32Array {
    return this.#firstChild.items;
  }

  get nextSibling(): Int32Array {
    return this.#nextSibling.items;
  }

  get values(): Int32Array {
    return this.#values.items;
  }

  /** A node without a parent; what hangs below it can be shared with {@link attach}. */
  addRoot(): number {
    return this.#add(0, 0, NONE);
  }

  /** The node that a key leads to from another. */
  insert(key: Uint8Array, root: number = ROOT): number {
    return key.reduce((node, byte) => this.#child(node, byte, 0), root);
  }

  /** Gives a node a value. */
  setValue(node: number, value: number): void {
    this.#child(node, 0, value);
  }

  /** Lets a node without children, but for its value, have those of another. */
  attach(node: number, other: number): void {
    const first = this.firstChild[node];
    if (first === NONE) this.firstChild[node] = this.firstChild[other];
    else this.nextSibling[first] = this.firstChild[other];
  }

  /** A number for what hangs below each node, the same where it is equal. */
  subtreeClasses(): Int32Array {
    const { firstChild, nextSibling, labels, values } = this;
    const classes = new Int32Array(this.size).fill(NONE);
    const known = new Map<string, number>();
    const open = [ROOT];
    while (open.length > 0) {
      const node = open.at(-1)!;
      let spelling = "";
      let isReady = true;
      for (let child = firstChild[node]; child !== NONE; child = nextSibling[child]) {
        const label = labels[child];
        if (label !== 0 && classes[child] === NONE) {
          open.push(child);
          isReady = false;
        }
        spelling += `${label}:${label === 0 ? values[child] : classes[child]},`;
      }
      if (!isReady) continue;
      open.pop();
      if (classes[node] !== NONE) continue;
      classes[node] = known.get(spelling) ?? known.size;
      known.set(spelling, classes[node]);
    }
    return classes;
  }

  /** The child with a label, which is made if there is none. */
  #child(node: number, label: number, value: number): number {
    const { firstChild, nextSibling, labels } = this;
    let before = NONE;
    let child = firstChild[node];
    while (child !== NONE && labels[child] < label) {
      before = child;
      child = nextSibling[child];
    }
    if (child !== NONE && labels[child] === label) return child;
    const added = this.#add(label, value, child);
    if (before === NONE) this.firstChild[node] = added;
    else this.nextSibling[before] = added;
    return added;
  }

  #add(label: number, value: number, nextSibling: number): number {
    this.#labels.push(label);
    this.#firstChild.push(NONE);
    this.#nextSibling.push(nextSibling);
    this.#values.push(value);
    return this.#labels.length - 1;
  }
}

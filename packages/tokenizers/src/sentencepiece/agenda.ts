/**
 * What a search from the end of a lattice has still to look at: partial segmentations, each a node before another
 * partial segmentation, the most promising on top.
 *
 * Equals leave in the order of the GNU C++ library's `std::priority_queue`, on which the original's results depend. Its
 * heap algorithm is not the usual one: on removal the hole sinks to a leaf, then the last element rises from there.
 */

/** At this size the agenda is cut. */
const MAX_SIZE = 10_000;
/** What is left at most. */
const KEPT_SIZE = 512;

/** Partial segmentations, each an index into four arrays. */
class PartialSegmentations {
  /** The first node of each. */
  readonly nodes: number[] = [];
  /** The partial segmentation behind that node; -1 for none. */
  readonly next: number[] = [];
  /** Promise: the best (or, in a random search, the drawn) score of all segmentations that end so. */
  readonly promises: number[] = [];
  /** Score of what is settled. */
  readonly settled: number[] = [];

  add(node: number, next: number, promise: number, settled: number): number {
    this.nodes.push(node);
    this.next.push(next);
    this.promises.push(promise);
    return this.settled.push(settled) - 1;
  }
}

/** A priority queue of partial segmentations. */
export class Agenda {
  /** All that were ever pushed and may still matter. */
  items: PartialSegmentations = new PartialSegmentations();
  readonly #heap: number[] = [];
  readonly #kept: number;

  /** @param wanted - How many segmentations are looked for. */
  constructor(wanted: number) {
    this.#kept = Math.min(KEPT_SIZE, 10 * wanted);
  }

  get isEmpty(): boolean {
    return this.#heap.length === 0;
  }

  push(node: number, next: number, promise: number, settled: number): void {
    this.#enqueue(this.items.add(node, next, promise, settled));
  }

  /** Takes the most promising out; the agenda must not be empty. */
  pop(): number {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop()!;
    if (heap.length > 0) this.#rise(this.#sink(), last);
    return top;
  }

  /** Keeps only the most promising if there are too many; indices change. */
  shrink(): void {
    if (this.#heap.length < MAX_SIZE) return;
    const kept = Array.from({ length: this.#kept }, () => this.pop());
    const old = this.items;
    const moved = new Int32Array(old.nodes.length).fill(-1);
    this.items = new PartialSegmentations();
    this.#heap.length = 0;
    for (const item of kept) this.#enqueue(this.#copy(item, old, moved));
  }

  /** Copies a partial segmentation, as far as it is not there already. */
  #copy(item: number, old: PartialSegmentations, moved: Int32Array): number {
    let before = -1;
    for (let at = item; at >= 0; at = old.next[at]) {
      const isNew = moved[at] < 0;
      if (isNew) moved[at] = this.items.add(old.nodes[at], -1, old.promises[at], old.settled[at]);
      if (before >= 0) this.items.next[before] = moved[at];
      if (!isNew) break;
      before = moved[at];
    }
    return moved[item];
  }

  #enqueue(item: number): void {
    this.#heap.push(item);
    this.#rise(this.#heap.length - 1, item);
  }

  /** Moves the hole on top down to a leaf. */
  #sink(): number {
    const heap = this.#heap;
    const { promises } = this.items;
    const size = heap.length;
    let hole = 0;
    while (2 * hole + 2 < size) {
      let child = 2 * hole + 2;
      if (promises[heap[child]] < promises[heap[child - 1]]) child--;
      heap[hole] = heap[child];
      hole = child;
    }
    if (2 * hole + 2 === size) {
      heap[hole] = heap[size - 1];
      hole = size - 1;
    }
    return hole;
  }

  /** Fills a hole with an item, or with what has to make way for it. */
  #rise(from: number, item: number): void {
    const heap = this.#heap;
    const { promises } = this.items;
    let hole = from;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!(promises[heap[parent]] < promises[item])) break;
      heap[hole] = heap[parent];
      hole = parent;
    }
    heap[hole] = item;
  }
}

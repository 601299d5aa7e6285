/**
 * A binary heap of numbers, the least on top: the order in which the merges of a long piece happen.
 */
export class MinHeap {
  size = 0;
  #keys: Float64Array;

  /** @param capacity - Room to begin with; the heap grows. */
  constructor(capacity: number) {
    this.#keys = new Float64Array(Math.max(16, capacity));
  }

  push(key: number): void {
    if (this.size === this.#keys.length) {
      const larger = new Float64Array(2 * this.size);
      larger.set(this.#keys);
      this.#keys = larger;
    }
    const keys = this.#keys;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((keys[parent] as number) <= key) break;
      keys[at] = keys[parent] as number;
      at = parent;
    }
    keys[at] = key;
  }

  /** Takes the least key out; the heap must not be empty. */
  pop(): number {
    const keys = this.#keys;
    const least = keys[0] as number;
    const moved = keys[--this.size] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && (keys[child + 1] as number) < (keys[child] as number)) child++;
      if ((keys[child] as number) >= moved) break;
      keys[at] = keys[child] as number;
      at = child;
    }
    keys[at] = moved;
    return least;
  }
}

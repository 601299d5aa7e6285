/**
 * A binary heap of numbers, the least on top.
 */

/** A priority queue whose keys are all there is. */
export class MinHeap {
  size = 0;
  #keys = new Float64Array(64);

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
      if (keys[parent] <= key) break;
      keys[at] = keys[parent];
      at = parent;
    }
    keys[at] = key;
  }

  /** Takes the least key out; the heap must not be empty. */
  pop(): number {
    const keys = this.#keys;
    const least = keys[0];
    const size = --this.size;
    const moved = keys[size];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && keys[child + 1] < keys[child]) child++;
      if (keys[child] >= moved) break;
      keys[at] = keys[child];
      at = child;
    }
    keys[at] = moved;
    return least;
  }
}

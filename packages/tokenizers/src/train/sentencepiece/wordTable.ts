/**
 * Counts byte strings: each distinct one is kept once, in one pool, and numbered in the order of its first occurrence.
 */

/** A table from byte strings to numbers and counts. */
export class WordTable {
  /** Number of distinct strings. */
  size = 0;
  /** All strings, one after the other. */
  bytes: Uint8Array = new Uint8Array(1 << 16);
  /** Where each string begins; the next one's is its end. */
  starts: Int32Array = new Int32Array(1 << 10);
  /** How often each was added. */
  counts: Float64Array = new Float64Array(1 << 10);
  #hashes = new Int32Array(1 << 10);
  /** Open addressing; 0 is free, otherwise one more than the number. */
  #slots = new Int32Array(1 << 12);

  /**
   * Counts a string once more.
   *
   * @returns Its number.
   * @throws RangeError if all strings together exceed 2 GiB.
   */
  add(source: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5 | 0;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ source[at], 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let entry = this.#slots[slot]; entry !== 0; entry = this.#slots[slot]) {
      if (this.#hashes[entry - 1] === hash && this.#equals(entry - 1, source, start, end)) {
        this.counts[entry - 1]++;
        return entry - 1;
      }
      slot = (slot + 1) & mask;
    }
    const id = this.size++;
    this.#slots[slot] = id + 1;
    this.#append(id, hash, source, start, end);
    if (2 * this.size > this.#slots.length) this.#rehash();
    return id;
  }

  #equals(id: number, source: Uint8Array, start: number, end: number): boolean {
    const { bytes } = this;
    const from = this.starts[id];
    if (this.starts[id + 1] - from !== end - start) return false;
    for (let i = from, at = start; at < end; i++, at++) if (bytes[i] !== source[at]) return false;
    return true;
  }

  #append(id: number, hash: number, source: Uint8Array, start: number, end: number): void {
    const from = this.starts[id];
    const to = from + end - start;
    if (to > 0x7fffffff) {
      throw new RangeError(
        "trainSentencePiece: expected distinct words of at most 2 GiB in all; set inputSentenceSize",
      );
    }
    if (to > this.bytes.length) {
      const bytes = new Uint8Array(Math.min(0x7fffffff, Math.max(to, 2 * this.bytes.length)));
      bytes.set(this.bytes);
      this.bytes = bytes;
    }
    this.bytes.set(source.subarray(start, end), from);
    if (id + 2 > this.starts.length) {
      this.starts = enlarged(this.starts, new Int32Array(2 * this.starts.length));
      this.#hashes = enlarged(this.#hashes, new Int32Array(this.starts.length));
      this.counts = enlarged(this.counts, new Float64Array(this.starts.length));
    }
    this.starts[id + 1] = to;
    this.#hashes[id] = hash;
    this.counts[id] = 1;
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      let slot = this.#hashes[id] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

function enlarged<T extends Int32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

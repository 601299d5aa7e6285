/**
 * The order in which a hash table of the C++ standard library gives its entries back.
 *
 * SentencePiece's BPE trainer keeps its pairs in a `std::unordered_map` and takes the most frequent of them in the
 * table's order: where frequencies tie, the order decides. This follows GNU's library: one list of all entries, those
 * of a bucket together, with the bucket's newest first, and a new bucket in front.
 */

/** Sizes that the table grows through: for each, the next is the first of GNU's primes that is at least twice as large. */
const sizes = [
  13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753, 42043, 85229, 172933, 351061, 712697, 1447153, 2938679,
  5967347, 12117689, 24607243, 49969847, 101473717,
];
/** In place of an entry: none, and the head of the list. */
const NONE = -1;
const HEAD = -2;

/** Entries by their number; each has a 64-bit hash, which is its key. */
export class HashOrder {
  size = 0;
  /** First entry of the list, or -1. */
  first: number = NONE;
  /** For each entry the next one, or -1. */
  next: Int32Array = new Int32Array(1024);
  #high = new Int32Array(1024);
  #low = new Int32Array(1024);
  /** For each bucket, what stands before its first entry. */
  #buckets = new Int32Array(1).fill(NONE);
  #step = 0;
  #limit = 0;

  /** Adds an entry with a new key. */
  insert(entry: number, high: number, low: number): void {
    if (entry >= this.next.length) this.#grow(entry);
    this.#high[entry] = high;
    this.#low[entry] = low;
    if (this.size + 1 > this.#limit) this.#rehash();
    this.#link(entry, this.#bucketOf(entry));
    this.size++;
  }

  /** Takes an entry out. */
  remove(entry: number): void {
    const bucket = this.#bucketOf(entry);
    const begin = this.#buckets[bucket];
    let before = begin;
    while (this.#after(before) !== entry) before = this.#after(before);
    const next = this.next[entry];
    const nextBucket = next === NONE ? NONE : this.#bucketOf(next);
    if (nextBucket !== bucket) {
      if (next !== NONE) this.#buckets[nextBucket] = before;
      if (before === begin) this.#buckets[bucket] = NONE;
    }
    if (before === HEAD) this.first = next;
    else this.next[before] = next;
    this.size--;
  }

  #link(entry: number, bucket: number): void {
    const before = this.#buckets[bucket];
    if (before === NONE) {
      this.next[entry] = this.first;
      if (this.first !== NONE) this.#buckets[this.#bucketOf(this.first)] = entry;
      this.first = entry;
      this.#buckets[bucket] = HEAD;
      return;
    }
    this.next[entry] = this.#after(before);
    if (before === HEAD) this.first = entry;
    else this.next[before] = entry;
  }

  #rehash(): void {
    this.#limit = sizes[this.#step++];
    this.#buckets = new Int32Array(this.#limit).fill(NONE);
    let entry = this.first;
    this.first = NONE;
    while (entry !== NONE) {
      const next = this.next[entry];
      this.#link(entry, this.#bucketOf(entry));
      entry = next;
    }
  }

  #after(entry: number): number {
    return entry === HEAD ? this.first : this.next[entry];
  }

  #bucketOf(entry: number): number {
    const size = this.#buckets.length;
    return (((this.#high[entry] >>> 0) % size) * (2 ** 32 % size) + (this.#low[entry] >>> 0)) % size;
  }

  #grow(entry: number): void {
    const length = Math.max(entry + 1, 2 * this.next.length);
    const enlarge = (old: Int32Array) => {
      const larger = new Int32Array(length);
      larger.set(old);
      return larger;
    };
    this.next = enlarge(this.next);
    this.#high = enlarge(this.#high);
    this.#low = enlarge(this.#low);
  }
}

/**
 * What a backtracking search has found out and need not find out again: from which instructions and places nothing leads to a match.
 *
 * Bits are kept in pages of places, so that memory follows what was searched; pages before the place where the search goes on are let go.
 */

const PAGE_BITS = 10;
/** 32-bit words in all pages: 64 MB. */
const MAX_WORDS = 1 << 24;

export class FailureMemo {
  readonly #wordsPerPage: number;
  #pages: (Uint32Array | undefined)[] = [];
  #words = 0;
  #firstPage = 0;

  /** @param slots - Instructions that are told apart. */
  constructor(slots: number) {
    this.#wordsPerPage = slots << (PAGE_BITS - 5);
  }

  clear(): void {
    this.#pages = [];
    this.#words = 0;
    this.#firstPage = 0;
  }

  has(slot: number, place: number): boolean {
    const page = this.#pages[place >> PAGE_BITS];
    if (page === undefined) return false;
    return (((page[(slot << 5) + ((place >> 5) & 31)] as number) >>> (place & 31)) & 1) === 1;
  }

  /** The last place from `low` to `high` that has not failed, or the one before `low`. */
  lastFree(slot: number, low: number, high: number): number {
    for (let place = high; place >= low;) {
      const page = this.#pages[place >> PAGE_BITS];
      if (page === undefined) return place;
      const word = page[(slot << 5) + ((place >> 5) & 31)] as number;
      // Bits of places after this one do not count.
      const free = ~word & (0xffffffff >>> (31 - (place & 31)));
      if (free !== 0) return Math.max(low - 1, (place & ~31) + 31 - Math.clz32(free));
      place = (place & ~31) - 1;
    }
    return low - 1;
  }

  /** @throws RangeError if there is too much to remember. */
  add(slot: number, place: number): void {
    const number = place >> PAGE_BITS;
    let page = this.#pages[number];
    if (page === undefined) {
      this.#words += this.#wordsPerPage;
      if (this.#words > MAX_WORDS) {
        throw new RangeError(
          `Pattern: expected to match in at most ${(MAX_WORDS * 4) >> 20} MB of memory, got a text that takes more; cut it, or simplify the pattern`,
        );
      }
      while (this.#pages.length <= number) this.#pages.push(undefined);
      page = new Uint32Array(this.#wordsPerPage);
      this.#pages[number] = page;
    }
    page[(slot << 5) + ((place >> 5) & 31)]! |= 1 << (place & 31);
  }

  /** Lets go of what is known of places before this one. */
  dropBefore(place: number): void {
    for (const end = place >> PAGE_BITS; this.#firstPage < end; this.#firstPage++) {
      if (this.#pages[this.#firstPage] === undefined) continue;
      this.#pages[this.#firstPage] = undefined;
      this.#words -= this.#wordsPerPage;
    }
  }
}

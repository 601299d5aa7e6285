/**
 * A random sample of a stream: of n items each is kept with the same probability. The numbers come from the Mersenne Twister
 * with the seed that SentencePiece uses, so that the same sentences are chosen as there.
 *
 * Follows `ReservoirSampler` of SentencePiece's `util.h` and `std::uniform_int_distribution` of GNU's C++ library 12.
 *
 * @see D. Lemire, "Fast random integer generation in an interval", ACM Transactions on Modeling and Computer Simulation 29 (2019)
 */

/** SentencePiece's. */
const SEED = 12345678;

/** Keeps `size` items at most. */
export class Reservoir {
  readonly items: string[] = [];
  readonly #size: number;
  readonly #random = new MersenneTwister(SEED);
  #total = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(item: string): void {
    if (this.#size === 0) return;
    this.#total++;
    if (this.items.length < this.#size) this.items.push(item);
    else {
      const place = this.#random.below(this.#total);
      if (place < this.items.length) this.items[place] = item;
    }
  }
}

const N = 624;
const M = 397;

/**
 * MT19937.
 *
 * @see M. Matsumoto, T. Nishimura, "Mersenne Twister", ACM Transactions on Modeling and Computer Simulation 8 (1998)
 */
class MersenneTwister {
  readonly #state = new Int32Array(N);
  #at = N;

  constructor(seed: number) {
    this.#state[0] = seed;
    for (let i = 1; i < N; i++) {
      const before = this.#state[i - 1];
      this.#state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
  }

  /** An integer from 0 to `limit - 1`, for a limit up to 2^32. */
  below(limit: number): number {
    // The product of a 32-bit number and the limit: its upper half is the result, unless the lower one falls into the part of
    // the range that some results would get too often.
    let [upper, lower] = product(this.#next(), limit);
    if (lower < limit) {
      const threshold = (2 ** 32 - limit) % limit;
      while (lower < threshold) [upper, lower] = product(this.#next(), limit);
    }
    return upper;
  }

  #next(): number {
    if (this.#at === N) this.#twist();
    let value = this.#state[this.#at++];
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    return (value ^ (value >>> 18)) >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < N; i++) {
      const mixed = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
      state[i] = state[(i + M) % N] ^ (mixed >>> 1) ^ ((mixed & 1) === 1 ? 0x9908b0df : 0);
    }
    this.#at = 0;
  }
}

/** Upper and lower 32 bits of a product of two 32-bit numbers. */
function product(a: number, b: number): [number, number] {
  const high = Math.floor(a / 65536) * b;
  const low = (a % 65536) * b;
  // high * 2^16 + low, in two halves.
  const lower = (high % 65536) * 65536 + low;
  return [Math.floor(high / 65536) + Math.floor(lower / 2 ** 32), lower % 2 ** 32];
}

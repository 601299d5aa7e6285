/**
 * Python's `random.seed(seed); random.shuffle(items)`, number for number: so that a split of names is the very one of a
 * notebook that shuffles them so.
 *
 * It is the Mersenne Twister MT19937, seeded by the 32-bit digits of the seed (init_by_array), and the shuffle of Fisher and
 * Yates from the end, whose places are drawn with as many bits as the bound has and drawn again where they reach it.
 * CPython 3.2 and later do so. For chance of one's own use `Rng.shuffle` of `@llm-learning/init`.
 *
 * @see Matsumoto and Nishimura 1998, "Mersenne Twister: A 623-dimensionally equidistributed uniform pseudorandom number generator"
 */

/**
 * Puts `items` in the order that Python gives them, in place.
 *
 * @param items - any array
 * @param seed - what `random.seed` is given, an integer from 0 to 2^53 - 1
 * @returns `items`
 * @throws RangeError where the seed is anything else, or there are more than 2^32 items
 *
 * @example
 * ```ts
 * pythonShuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 42); // => [7, 3, 2, 8, 5, 6, 9, 4, 0, 1]
 * ```
 */
export function pythonShuffle<T>(items: T[], seed: number): T[] {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`pythonShuffle: expected seed to be an integer from 0 to 2^53 - 1, got ${String(seed)}`);
  }
  const twister = new MersenneTwister(seed);
  for (let i = items.length - 1; i > 0; i--) {
    const j = twister.below(i + 1);
    const item = items[i]!;
    items[i] = items[j]!;
    items[j] = item;
  }
  return items;
}

/** Words of state, and how far apart the two are that make a new one. */
const N = 624;
const M = 397;

class MersenneTwister {
  readonly #state = new Uint32Array(N);
  #next = N;

  constructor(seed: number) {
    const high = Math.floor(seed / 2 ** 32);
    this.#seedByArray(high > 0 ? [seed >>> 0, high] : [seed]);
  }

  /** An integer from 0 to `bound - 1`: Python's `_randbelow_with_getrandbits`. */
  below(bound: number): number {
    const shift = Math.clz32(bound);
    for (;;) {
      const value = this.#uint32() >>> shift;
      if (value < bound) return value;
    }
  }

  #seedByArray(key: readonly number[]): void {
    const state = this.#state;
    state[0] = 19650218;
    for (let i = 1; i < N; i++) state[i] = Math.imul(1812433253, state[i - 1]! ^ (state[i - 1]! >>> 30)) + i;
    let i = 1;
    const advance = (): void => {
      i++;
      if (i < N) return;
      state[0] = state[N - 1]!;
      i = 1;
    };
    for (let k = 0; k < N; k++) {
      const j = k % key.length;
      state[i] = (state[i]! ^ Math.imul(state[i - 1]! ^ (state[i - 1]! >>> 30), 1664525)) + key[j]! + j;
      advance();
    }
    for (let k = 1; k < N; k++) {
      state[i] = (state[i]! ^ Math.imul(state[i - 1]! ^ (state[i - 1]! >>> 30), 1566083941)) - i;
      advance();
    }
    state[0] = 0x80000000;
  }

  #uint32(): number {
    if (this.#next === N) this.#twist();
    let word = this.#state[this.#next++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  /** Replaces every word of the state. */
  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < N; i++) {
      const joined = (state[i]! & 0x80000000) | (state[(i + 1) % N]! & 0x7fffffff);
      state[i] = state[(i + M) % N]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}

/**
 * A seeded random number generator: xoshiro128++ on 32-bit integers, seeded by SplitMix64. It is fast, its whole state
 * is six integers that survive JSON, and it splits into named streams. It is not cryptographic.
 *
 * Follows Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators" (ACM TOMS 2021), and is seeded as the
 * Rust crate rand_xoshiro does, so that a seed gives the same 32-bit draws there.
 */

import { normalQuantile } from "./normalQuantile.ts";
import { checkRngState, type RngState } from "./rngState.ts";
import { childKey, expandKey } from "./splitmix64.ts";

/** The arrays that {@link Rng.shuffle} can reorder. */
export type ShuffleArray =
  | unknown[]
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** The live state words of `rng`, for loops of this package that keep them in registers. */
export let wordsOf: (rng: Rng) => Int32Array;

// A registered symbol, not instanceof: two copies of this package may meet in one program.
const brand = Symbol.for("@llm-learning/init/Rng");

/**
 * A stream of random numbers that its seed decides.
 *
 * The same seed gives the same bits in every engine and on every machine: draws are 32-bit integer arithmetic, and the
 * normal distribution is computed from `+ - * /` and `Math.sqrt` alone, never from `Math.log` or `Math.cos`, whose last
 * bits the language leaves to the engine. (`Math.sqrt` too is only specified as an approximation, but every engine uses
 * the processor's correctly rounded square root.)
 *
 * @example
 * ```ts
 * const rng = new Rng(42);
 * rng.uniform(); // somewhere in [0, 1)
 * const dropoutRng = rng.fork("dropout"); // a stream of its own
 * const resumed = Rng.fromState(rng.state()); // continues where rng is
 * ```
 *
 * @see Blackman and Vigna, https://prng.di.unimi.it/xoshiro128plusplus.c
 */
export class Rng {
  #key: bigint;
  #words: Int32Array;

  static {
    wordsOf = (rng) => rng.#words;
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /**
   * @param seed - A safe integer >= 0. Near seeds give unrelated streams.
   * @throws RangeError if `seed` is anything else.
   */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`Rng: expected seed to be an integer in [0, 2^53 - 1], got ${String(seed)}`);
    }
    this.#key = BigInt(seed);
    this.#words = expandKey(this.#key);
  }

  /** The next 32 random bits, as an integer in [0, 2^32 - 1]. */
  nextUint32(): number {
    const words = this.#words;
    const s0 = words[0];
    const s1 = words[1];
    const s3 = words[3] ^ s1;
    const s2 = words[2] ^ s0;
    const sum = (s0 + words[3]) | 0;
    words[0] = s0 ^ s3;
    words[1] = s1 ^ s2;
    words[2] = s2 ^ (s1 << 9);
    words[3] = (s3 << 11) | (s3 >>> 21);
    return (((sum << 7) | (sum >>> 25)) + s0) >>> 0;
  }

  /**
   * Fills `target` with the draws that as many calls of {@link Rng.nextUint32} would give, several times as fast.
   *
   * @returns `target`.
   */
  fillUint32(target: Uint32Array): Uint32Array {
    const words = this.#words;
    let s0 = words[0];
    let s1 = words[1];
    let s2 = words[2];
    let s3 = words[3];
    for (let i = 0; i < target.length; i++) {
      const sum = (s0 + s3) | 0;
      target[i] = ((sum << 7) | (sum >>> 25)) + s0;
      const shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
    }
    words[0] = s0;
    words[1] = s1;
    words[2] = s2;
    words[3] = s3;
    return target;
  }

  /** A number from the uniform distribution on [0, 1): a multiple of 2^-53. Takes two 32-bit draws. */
  uniform(): number {
    const high = this.nextUint32() >>> 5; // 27 bits
    const low = this.nextUint32() >>> 6; // 26 bits
    return (high * 2 ** 26 + low) * 2 ** -53;
  }

  /**
   * A number from the uniform distribution on the open interval (0, 1): an odd multiple of 2^-53, so never 0 or 1, and as
   * likely as one minus it. For what ends in a logarithm or a quantile. Takes two 32-bit draws.
   */
  openUniform(): number {
    const high = this.nextUint32() >>> 6; // 26 bits
    const low = this.nextUint32() >>> 6; // 26 bits
    return (high * 2 ** 26 + low + 0.5) * 2 ** -52;
  }

  /**
   * A number from the standard normal distribution, mean 0 and standard deviation 1.
   *
   * It is the normal quantile of {@link Rng.openUniform}: exactly two 32-bit draws per number and nothing kept for the
   * next call. Never beyond 8.21 in size.
   */
  normal(): number {
    return normalQuantile(this.openUniform());
  }

  /**
   * An integer from 0 to `bound` - 1, each exactly as likely (numbers beyond `bound` are drawn again, none is folded in).
   *
   * @param bound - A safe integer >= 1.
   * @throws RangeError if `bound` is anything else.
   */
  integer(bound: number): number {
    if (!Number.isSafeInteger(bound) || bound < 1) {
      throw new RangeError(`Rng.integer: expected bound to be an integer in [1, 2^53 - 1], got ${String(bound)}`);
    }
    const largest = bound - 1;
    if (largest === 0) return 0;

    // As many bits as `largest` has: more than half of the draws fall below the bound.
    const high = Math.floor(largest / 2 ** 32);
    const lowShift = high > 0 ? 0 : Math.clz32(largest);
    const highShift = Math.clz32(high);
    for (;;) {
      let value = this.nextUint32() >>> lowShift;
      if (high > 0) value += (this.nextUint32() >>> highShift) * 2 ** 32;
      if (value <= largest) return value;
    }
  }

  /**
   * Puts the elements of `array` in a random order, every order as likely, in place (Fisher and Yates).
   *
   * @returns `array`.
   * @throws TypeError if `array` is neither an array nor a typed array.
   */
  shuffle<A extends ShuffleArray>(array: A): A {
    if (!Array.isArray(array) && (!ArrayBuffer.isView(array) || array instanceof DataView)) {
      throw new TypeError(`Rng.shuffle: expected an array or a typed array, got ${typeof array}`);
    }
    const items = array as { [index: number]: unknown };
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
    return array;
  }

  /**
   * The integers 0 to `n` - 1 in a random order.
   *
   * @param n - How many: an integer in [0, 2^32 - 1].
   * @throws RangeError if `n` is anything else, or too large to allocate.
   */
  permutation(n: number): Uint32Array {
    if (!Number.isInteger(n) || n < 0 || n >= 2 ** 32) {
      throw new RangeError(`Rng.permutation: expected n to be an integer in [0, 2^32 - 1], got ${String(n)}`);
    }
    const order = new Uint32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    return this.shuffle(order);
  }

  /**
   * A child stream named `label`, unrelated to this stream and to its other children.
   *
   * What it gives depends on this stream's seed (or on the labels that led to it) and on `label`, not on how much has
   * been drawn: forking changes nothing here, the order of forks does not matter, and the same label gives the same
   * child again. So `rng.fork("dropout").fork(step)` is the stream of one step, wherever the run was resumed.
   *
   * @param label - Any string, or a safe integer >= 0. `1` and `"1"` name different streams.
   * @throws RangeError for any other number, TypeError for any other type.
   */
  fork(label: string | number): Rng {
    if (typeof label !== "string" && typeof label !== "number") {
      throw new TypeError(`Rng.fork: expected label to be a string or a number, got ${typeof label}`);
    }
    if (typeof label === "number" && (!Number.isSafeInteger(label) || label < 0)) {
      throw new RangeError(`Rng.fork: expected a number label to be an integer in [0, 2^53 - 1], got ${label}`);
    }
    const child = new Rng(0);
    child.#key = childKey(this.#key, label);
    child.#words = expandKey(child.#key);
    return child;
  }

  /** Where the stream is now, as plain data for a checkpoint. Later draws do not change it. */
  state(): RngState {
    const [s0, s1, s2, s3] = Uint32Array.from(this.#words);
    return {
      algorithm: "xoshiro128++",
      key: [Number(this.#key >> 32n), Number(this.#key & 0xffffffffn)],
      words: [s0, s1, s2, s3],
    };
  }

  /**
   * The stream that continues where `state` was taken.
   *
   * @param state - What {@link Rng.state} gave, possibly through JSON; checked wholly.
   * @throws TypeError if `state` has another form, RangeError if a number in it is out of range.
   */
  static fromState(state: RngState): Rng {
    const { key, words } = checkRngState(state);
    const rng = new Rng(0);
    rng.#key = (BigInt(key[0]) << 32n) | BigInt(key[1]);
    rng.#words = Int32Array.from(words);
    return rng;
  }
}

/** Whether `value` is an Rng, also of another copy of this package. */
export function isRng(value: unknown): value is Rng {
  return typeof value === "object" && value !== null && brand in value;
}

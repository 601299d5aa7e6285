/**
 * A random order of the numbers below a bound that needs no list of them: each place is computed by itself, from a key. So a corpus of
 * any size can be walked through in a shuffled order, and where a walk is takes one number to say.
 *
 * It is a Feistel network on as many bits as the bound needs, walked on until it is below the bound ("cycle walking", Black and
 * Rogaway, "Ciphers with Arbitrary Finite Domains", 2002). The round function is MurmurHash3's 32-bit finalizer. Not cryptographic.
 */

/** Rounds: a few more than it takes for neighbours to have nothing to do with each other. */
export const PERMUTATION_KEYS = 6;

/** The largest number of places. */
const MAX_SIZE = 2 ** 52;

/**
 * A permutation of the integers from 0 to `size - 1`.
 *
 * @param size - an integer from 1 to 2^52
 * @param keys - {@link PERMUTATION_KEYS} integers of 32 bits that decide the order, such as draws of a generator
 * @returns a function from a place to the number that stands there; each number stands at one place
 * @throws RangeError where `size` is out of range or there are more or fewer keys; the function where a place is none
 *
 * @example
 * ```ts
 * const at = keyedPermutation(4, new Rng(1).fillUint32(new Uint32Array(PERMUTATION_KEYS)));
 * [at(0), at(1), at(2), at(3)].sort(); // => [0, 1, 2, 3]
 * ```
 */
export function keyedPermutation(size: number, keys: Uint32Array): (place: number) => number {
  if (!(Number.isSafeInteger(size) && size >= 1 && size <= MAX_SIZE)) {
    throw new RangeError(`keyedPermutation: expected size to be an integer from 1 to 2^52, got ${String(size)}`);
  }
  if (keys.length !== PERMUTATION_KEYS) {
    throw new RangeError(`keyedPermutation: expected ${PERMUTATION_KEYS} keys, got ${keys.length}`);
  }
  // Two halves of h bits each hold every number below size, and at most four times as many.
  let h = 1;
  while (2 ** (2 * h) < size) h++;
  const half = 2 ** h;
  const permuted = (value: number): number => {
    let left = Math.floor(value / half);
    let right = value % half;
    for (let round = 0; round < PERMUTATION_KEYS; round++) {
      const mixed = (left ^ (mix(right ^ keys[round]!) & (half - 1))) >>> 0;
      left = right;
      right = mixed;
    }
    return left * half + right;
  };
  return (place) => {
    if (!(Number.isSafeInteger(place) && place >= 0 && place < size)) {
      throw new RangeError(`keyedPermutation: expected a place from 0 to ${size - 1}, got ${String(place)}`);
    }
    let value = permuted(place);
    while (value >= size) value = permuted(value);
    return value;
  };
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

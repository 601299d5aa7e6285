/**
 * Jumps of xoshiro128++ by powers of two: where the stream is after 2^k draws, found without drawing them.
 *
 * A step of the generator is linear over bits: each bit of the next state is the exclusive or of some of this one's. So is any number of
 * steps, as a matrix of 128 x 128 bits, and squaring the matrix of n steps gives that of 2 n.
 *
 * @see Haramoto et al. 2008, "Efficient jump ahead for F2-linear random number generators"
 */

const WORDS = 4;
const BITS = 32 * WORDS;

/** Matrix of 2^k steps at `k`: the state of which each single bit becomes, in the order of bits. */
const matrices: Uint32Array[] = [];

/** The state words after 2^`exponent` draws from `words`. @param exponent - An integer >= 0; each takes some ten microseconds once. */
export function jump(words: Int32Array, exponent: number): Int32Array {
  while (matrices.length <= exponent) {
    const last = matrices.at(-1);
    matrices.push(last === undefined ? singleStep() : squared(last));
  }
  return product(words, matrices[exponent]);
}

function singleStep(): Uint32Array {
  const rows = new Uint32Array(BITS * WORDS);
  for (let bit = 0; bit < BITS; bit++) {
    const words = new Int32Array(WORDS);
    words[bit >> 5] = 1 << (bit & 31);
    advance(words);
    rows.set(Uint32Array.from(words), bit * WORDS);
  }
  return rows;
}

/** A step, without the number that is drawn. */
function advance(words: Int32Array): void {
  const [s0, s1] = words;
  const s2 = words[2] ^ s0;
  const s3 = words[3] ^ s1;
  words[0] = s0 ^ s3;
  words[1] = s1 ^ s2;
  words[2] = s2 ^ (s1 << 9);
  words[3] = (s3 << 11) | (s3 >>> 21);
}

function squared(matrix: Uint32Array): Uint32Array {
  const rows = new Uint32Array(BITS * WORDS);
  for (let bit = 0; bit < BITS; bit++) {
    const row = Int32Array.from(matrix.subarray(bit * WORDS, (bit + 1) * WORDS));
    rows.set(Uint32Array.from(product(row, matrix)), bit * WORDS);
  }
  return rows;
}

/** The exclusive or of the rows of `matrix` whose bits are set in `words`. */
function product(words: Int32Array, matrix: Uint32Array): Int32Array {
  let [r0, r1, r2, r3] = [0, 0, 0, 0];
  for (let bit = 0; bit < BITS; bit++) {
    if (((words[bit >> 5] >>> (bit & 31)) & 1) === 0) continue;
    r0 ^= matrix[4 * bit];
    r1 ^= matrix[4 * bit + 1];
    r2 ^= matrix[4 * bit + 2];
    r3 ^= matrix[4 * bit + 3];
  }
  return Int32Array.of(r0, r1, r2, r3);
}

/**
 * The fewest of the largest probabilities that together make `p`, without sorting the others: of a large vocabulary few tokens are
 * probable, and sorting the rest would take longer than everything else that is done to choose a token.
 */

/** Ranges of magnitude to a factor of two, and how many factors of two are told apart. */
const PER_OCTAVE = 8;
const OCTAVES = 128;

/** Of a number in [0, 1], the upper half of its bits: as an integer, it grows with the number. */
const ONE = 0x3ff00000;
const SHIFT = 20 - Math.log2(PER_OCTAVE);

/** Sums in another order may differ by so much, and more. */
const ROUNDING = 1e-9;

/**
 * The largest probabilities, in falling order: as few as make `p` or more, at least one.
 *
 * @param probabilities - `[V]`, adding up to 1.
 * @param p - In (0, 1].
 */
export function nucleus(probabilities: Float64Array, p: number): Float64Array {
  // All that are smaller make less than 1 - p together, so the nucleus is without them (llama2.c).
  const least = (1 - p) / probabilities.length;
  const border = Math.max(least, lowerBorder(probabilities, p + ROUNDING));
  const few = leading(largestFirst(probabilities, border), p);
  if (few !== undefined || border === least) return few ?? largestFirst(probabilities, least);
  const all = largestFirst(probabilities, least);
  return leading(all, p) ?? all;
}

/** The first numbers that add up to `p`; undefined where all do not. */
function leading(descending: Float64Array, p: number): Float64Array | undefined {
  let sum = 0;
  for (let count = 0; count < descending.length; count++) {
    if (sum >= p && count > 0) return descending.subarray(0, count);
    sum += descending[count];
  }
  return sum >= p ? descending : undefined;
}

/** Those of at least `border`. */
function largestFirst(probabilities: Float64Array, border: number): Float64Array {
  const large = new Float64Array(probabilities.length);
  let size = 0;
  for (let i = 0; i < probabilities.length; i++) if (probabilities[i] >= border) large[size++] = probabilities[i];
  return large.subarray(0, size).sort().reverse();
}

/** A number such that those not below it make `mass` together: the lower end of a range of magnitude. */
function lowerBorder(probabilities: Float64Array, mass: number): number {
  const { buffer, byteOffset, length } = probabilities;
  const words = new Uint32Array(buffer, byteOffset, 2 * length);
  const sums = new Float64Array(PER_OCTAVE * OCTAVES);
  for (let i = 0; i < length; i++) {
    const range = (ONE - words[2 * i + 1]) >> SHIFT;
    if (range < sums.length) sums[range] += probabilities[i];
  }
  let sum = 0;
  for (let range = 0; range < sums.length; range++) {
    sum += sums[range];
    if (sum >= mass) return lowerEnd(range);
  }
  return 0;
}

/** The smallest number of a range. */
function lowerEnd(range: number): number {
  const words = Uint32Array.of(0, ONE - ((range + 1) << SHIFT) + 1);
  return new Float64Array(words.buffer)[0];
}

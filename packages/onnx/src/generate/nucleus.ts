/**
 * The fewest of the largest weights that together make so much, without sorting them: weights are added up by magnitude, and only those of
 * the magnitude at which there is enough are put in order.
 */

/** Ranges of magnitude to a factor of two, and how many factors of two are told apart. */
const PER_OCTAVE = 32;
const OCTAVES = 64;

/** Of a number in [0, 1], the upper half of its bits: as an integer, it grows with the number. */
const ONE = 0x3ff00000;
const SHIFT = 20 - Math.log2(PER_OCTAVE);

/** Which weights are kept: those above `value`, and of those that equal it the first `equals`. */
export interface Border {
  readonly value: number;
  readonly equals: number;
}

/**
 * The border of the largest weights: as few as make `mass` or more, at least one; all that are above 0 where they do not make it.
 *
 * @param weights - `[V]`, none below 0 or above 1.
 * @param mass - Above 0, in units of the weights.
 */
export function nucleusBorder(weights: Float64Array, mass: number): Border {
  const { buffer, byteOffset, length } = weights;
  const words = new Uint32Array(buffer, byteOffset, 2 * length);
  const rangeAt = (index: number): number => (ONE - words[2 * index + 1]) >> SHIFT;
  const sums = new Float64Array(PER_OCTAVE * OCTAVES);
  for (let i = 0; i < length; i++) {
    const range = (ONE - words[2 * i + 1]) >> SHIFT;
    if (range < sums.length) sums[range] += weights[i];
  }
  let sum = 0;
  let last = 0;
  while (last < sums.length && sum + sums[last] < mass) sum += sums[last++];
  if (last === sums.length) return { value: 0, equals: 0 };
  const members: number[] = [];
  for (let i = 0; i < length; i++) if (rangeAt(i) === last) members.push(weights[i]);
  const descending = Float64Array.from(members).sort().reverse();
  let value = 1;
  let equals = 0;
  for (const weight of descending) {
    if (equals > 0 && sum >= mass) break;
    sum += weight;
    equals = weight === value ? equals + 1 : 1;
    value = weight;
  }
  return { value, equals };
}

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

/** So many are put in order; of more, those that are not at the border are set aside first, by size, in so many parts. */
const FEW = 64;
const PARTS = 256;

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
  const found: number[] = [];
  for (let i = 0; i < length; i++) if (rangeAt(i) === last) found.push(weights[i]);
  let members = Float64Array.from(found);
  // Of a flat distribution there are many of one magnitude.
  while (members.length > FEW) {
    const part = boundaryPart(members, mass - sum);
    if (part.members.length === members.length) break;
    members = part.members;
    sum += part.before;
  }
  let value = 1;
  let equals = 0;
  for (const weight of members.sort().reverse()) {
    if (equals > 0 && sum >= mass) break;
    sum += weight;
    equals = weight === value ? equals + 1 : 1;
    value = weight;
  }
  return { value, equals };
}

/** Of weights, those of the same size as the one at which the largest make `mass`, and the sum of those that are larger. */
function boundaryPart(
  weights: Float64Array,
  mass: number,
): { readonly members: Float64Array<ArrayBuffer>; readonly before: number } {
  let least = Infinity;
  let largest = 0;
  for (const weight of weights) {
    if (weight < least) least = weight;
    if (weight > largest) largest = weight;
  }
  const scale = largest > least ? (PARTS - 1) / (largest - least) : 0;
  const partOf = (weight: number): number => ((largest - weight) * scale) | 0;
  const sums = new Float64Array(PARTS);
  for (const weight of weights) sums[partOf(weight)] += weight;
  let before = 0;
  let part = 0;
  while (part < PARTS - 1 && before + sums[part] < mass) before += sums[part++];
  return { members: weights.filter((weight) => partOf(weight) === part), before };
}

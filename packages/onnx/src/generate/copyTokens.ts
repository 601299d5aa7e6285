/**
 * Copies of the keys or values of some tokens: for each head a run of numbers, at equal distances from head to head.
 */

/** Where the tokens of the first head begin, and how far it is to the next head. */
export interface HeadRuns {
  readonly data: Float32Array;
  readonly at: number;
  readonly stride: number;
}

/** Copies `size` numbers of each head. */
export function copyTokens(
  source: HeadRuns,
  target: HeadRuns,
  { heads, size }: { readonly heads: number; readonly size: number },
): void {
  for (let head = 0; head < heads; head++) {
    const begin = source.at + head * source.stride;
    target.data.set(source.data.subarray(begin, begin + size), target.at + head * target.stride);
  }
}

/** Initializer: normal draws with a fixed share of each column set to zero. */

import { normal } from "./normal.ts";
import type { Rng } from "./rng.ts";
import { checkLength, checkNonNegative, checkRng, checkShape } from "./validate.ts";

/** Options of {@link sparse}. */
export interface SparseOptions {
  /** The share of each column to set to zero, in [0, 1]; rounded up to whole elements. */
  readonly sparsity: number;
  /**
   * Standard deviation of the other elements, >= 0.
   *
   * @defaultValue 0.01
   */
  readonly std?: number | undefined;
  /** Where the randomness comes from. */
  readonly rng: Rng;
}

/**
 * Fills a matrix with draws from the normal distribution of mean 0 and standard deviation `std`, then sets
 * `ceil(sparsity * rows)` elements of each column to zero, chosen at random.
 *
 * @param data - The elements of the matrix.
 * @param shape - `[outFeatures, inFeatures]`.
 * @throws RangeError if `shape` has not two axes, `data` does not fit it, or an option is out of range; TypeError
 *   without `rng`.
 * @see Martens, "Deep learning via Hessian-free optimization" (ICML 2010)
 */
export function sparse(
  data: Float32Array,
  shape: readonly number[],
  { sparsity, std = 0.01, rng }: SparseOptions,
): void {
  checkShape("sparse", shape, 2, 2);
  checkLength("sparse", data, shape);
  if (!(sparsity >= 0 && sparsity <= 1)) {
    throw new RangeError(`sparse: expected sparsity in [0, 1], got ${String(sparsity)}`);
  }
  checkNonNegative("sparse", "std", std);
  checkRng("sparse", rng);
  const [rows, columns] = shape;
  const zerosPerColumn = Math.ceil(sparsity * rows);
  normal(data, { std, rng });
  for (let column = 0; column < columns; column++) {
    for (const row of rng.permutation(rows).subarray(0, zerosPerColumn)) data[row * columns + column] = 0;
  }
}

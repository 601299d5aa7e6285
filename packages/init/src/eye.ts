/** Initializer: the identity matrix. */

import { checkLength, checkShape } from "./validate.ts";

/**
 * Sets a matrix to ones on its diagonal and zeros elsewhere, so that a Linear layer passes on as many inputs as it can.
 *
 * Usable as an {@link Initializer} as it is.
 *
 * @param data - The elements of the matrix.
 * @param shape - `[rows, columns]`.
 * @throws RangeError if `shape` has not two axes or `data` does not fit it.
 */
export function eye(data: Float32Array, shape: readonly number[]): void {
  checkShape("eye", shape, 2, 2);
  checkLength("eye", data, shape);
  const [rows, columns] = shape;
  data.fill(0);
  for (let i = 0; i < Math.min(rows, columns); i++) data[i * columns + i] = 1;
}

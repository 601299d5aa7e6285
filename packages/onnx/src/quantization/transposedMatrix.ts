/** Weights lie in files either way: rows of inputs or rows of outputs. */

/** The matrix [columns, rows] of `values`, which are [rows, columns]. */
export function transposedMatrix<T extends Uint8Array | Float32Array>(values: T, rows: number, columns: number): T {
  const result = values.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column];
  }
  return result;
}

/**
 * A matrix the other way round, for formats that store the weights of linear layers `[in, out]`.
 */

/** The matrix `[columns, rows]` of `data`, which is `[rows, columns]`. */
export function transposed(data: Float32Array, [rows, columns]: readonly [number, number]): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column];
  }
  return result;
}

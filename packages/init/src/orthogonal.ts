/**
 * Initializer: a random orthogonal matrix, uniform over all of them (Haar measure). It keeps lengths exactly, in both
 * directions, however many such layers follow each other.
 *
 * Follows Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
 * networks" (2013). Mezzadri, "How to generate random matrices from the classical compact groups" (2007), explains why
 * the signs matter: the QR factorization of a normal matrix gives the uniform distribution if R has a positive diagonal.
 * Gram and Schmidt's way of computing it has just that, so there is no sign to fix afterwards.
 */

import type { Rng } from "./rng.ts";
import { checkFinite, checkLength, checkRng, checkShape } from "./validate.ts";

/** Options of {@link orthogonal}. */
export interface OrthogonalOptions {
  /**
   * Multiplies the matrix; see {@link calculateGain}.
   *
   * @defaultValue 1
   */
  readonly gain?: number | undefined;
  /** Where the randomness comes from: two 32-bit draws per element. */
  readonly rng: Rng;
}

/**
 * Fills `data` with `gain` times a random matrix of orthonormal columns, or of orthonormal rows where it is wider than high.
 *
 * A weight of more axes is taken as a matrix of `shape[0]` rows, as PyTorch does. Computed in float64; the time grows with
 * `rows * columns * min(rows, columns)`, about half a second for 768 x 768.
 *
 * @param data - The elements of the weight.
 * @param shape - Two axes or more.
 * @throws RangeError if `shape` has fewer than two axes, `data` does not fit it, or `gain` is not finite; TypeError
 *   without `rng`.
 */
export function orthogonal(data: Float32Array, shape: readonly number[], { gain = 1, rng }: OrthogonalOptions): void {
  checkShape("orthogonal", shape, 2);
  checkLength("orthogonal", data, shape);
  checkFinite("orthogonal", "gain", gain);
  checkRng("orthogonal", rng);

  const rows = shape[0];
  const columns = data.length / rows;
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const vectors = new Float64Array(data.length); // [count, length]
  for (let i = 0; i < vectors.length; i++) vectors[i] = rng.normal();
  orthonormalize(vectors, count, length);

  if (columns >= rows) {
    for (let i = 0; i < data.length; i++) data[i] = gain * vectors[i];
  } else {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        data[row * columns + column] = gain * vectors[column * length + row];
      }
    }
  }
}

/** Modified Gram-Schmidt on the rows of `vectors`, in place. */
function orthonormalize(vectors: Float64Array, count: number, length: number): void {
  for (let i = 0; i < count; i++) {
    const vector = vectors.subarray(i * length, (i + 1) * length);
    const before = norm(vector);
    removeComponents(vector, vectors, i);
    // A vector that loses nearly all of its length loses its digits too; doing it twice is enough to restore them.
    if (norm(vector) < 0.1 * before) removeComponents(vector, vectors, i);
    const scale = 1 / norm(vector);
    for (let k = 0; k < length; k++) vector[k] *= scale;
  }
}

/** Subtracts from `vector` its components along the first `count` rows of `basis`, four rows to a pass over memory. */
function removeComponents(vector: Float64Array, basis: Float64Array, count: number): void {
  const length = vector.length;
  let row = 0;
  for (; row + 4 <= count; row += 4) {
    const b0 = basis.subarray(row * length, (row + 1) * length);
    const b1 = basis.subarray((row + 1) * length, (row + 2) * length);
    const b2 = basis.subarray((row + 2) * length, (row + 3) * length);
    const b3 = basis.subarray((row + 3) * length, (row + 4) * length);
    let dot0 = 0;
    let dot1 = 0;
    let dot2 = 0;
    let dot3 = 0;
    for (let k = 0; k < length; k++) {
      const value = vector[k];
      dot0 += value * b0[k];
      dot1 += value * b1[k];
      dot2 += value * b2[k];
      dot3 += value * b3[k];
    }
    for (let k = 0; k < length; k++) {
      vector[k] -= dot0 * b0[k] + dot1 * b1[k] + dot2 * b2[k] + dot3 * b3[k];
    }
  }
  for (; row < count; row++) {
    const b = basis.subarray(row * length, (row + 1) * length);
    let dot = 0;
    for (let k = 0; k < length; k++) dot += vector[k] * b[k];
    for (let k = 0; k < length; k++) vector[k] -= dot * b[k];
  }
}

function norm(vector: Float64Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}

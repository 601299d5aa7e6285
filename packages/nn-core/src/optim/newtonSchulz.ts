/**
 * Newton-Schulz iteration towards the nearest orthogonal matrix, as a graph: matrix products alone, which every engine has fast.
 */

import { constant } from "../constant.ts";
import { add, div, maximum, mul, square } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { sum } from "../ops/reduction.ts";
import { sqrt } from "../ops/unary.ts";
import type { Tensor } from "../tensor.ts";

/** Coefficients a, b and c of one iteration. */
export type QuinticCoefficients = readonly [a: number, b: number, c: number];

/**
 * Coefficients of Keller Jordan's Muon: the slope at 0 is as steep as can be, and singular values end in about 0.7 to 1.2 rather than
 * at 1, which does no harm.
 */
export const muonCoefficients: QuinticCoefficients = [3.4445, -4.775, 2.0315];

/**
 * Brings the singular values of each matrix near 1 and keeps its singular vectors. With X = x / |x|, for each triple of coefficients:
 *
 *     A = X^T X    (X X^T where that is the smaller)
 *     X = X (a I + A (b I + c A))
 *
 * @param x - float32 `[N, rows, columns]`: N matrices, each for itself.
 * @param coefficients - One triple for each iteration.
 * @param eps - Least norm to divide by.
 * @returns `[N, rows, columns]`
 * @see https://kellerjordan.github.io/posts/muon
 */
export function newtonSchulz(x: Tensor, coefficients: readonly QuinticCoefficients[], eps = 1e-7): Tensor {
  const [rows, columns] = x.shape.slice(-2) as number[];
  const isTall = columns < rows;
  const side = Math.min(rows, columns);
  const norm = sqrt(sum(square(x), { axes: [-2, -1], keepDims: true })); // [N, 1, 1]
  let y = div(x, maximum(norm, eps));
  const diagonals = new Map<number, Tensor>();
  const diagonal = (value: number): Tensor => {
    const known = diagonals.get(value) ?? diagonalMatrix(side, value);
    diagonals.set(value, known);
    return known;
  };
  for (const [a, b, c] of coefficients) {
    const gram = matmul(y, y, isTall ? { transposeA: true } : { transposeB: true }); // [N, S, S], S the side
    // What is added is the identity alone: elements of long matrices are touched by products, and by nothing else.
    const factor = add(matmul(gram, add(mul(gram, c), diagonal(b))), diagonal(a)); // [N, S, S]
    y = isTall ? matmul(y, factor) : matmul(factor, y); // [N, rows, columns]
  }
  return y;
}

/** `[side, side]`: `value` times the identity. */
function diagonalMatrix(side: number, value: number): Tensor {
  const data = new Float32Array(side * side);
  for (let i = 0; i < side; i++) data[i * (side + 1)] = value;
  return constant(data, [side, side]);
}

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

/** From how many times as long as wide on a matrix is long. */
const LONG = 2;

/**
 * Iterations whose factors are multiplied before a long matrix meets them. What is rounded in the small A grows by a^2 in each, 12 times
 * with Muon's coefficients: after three that is as little as what the products with the matrix itself round.
 */
const MOST_TOGETHER = 3;

/**
 * Brings the singular values of each matrix near 1 and keeps its singular vectors. With X = x / |x|, for each triple of coefficients:
 *
 *     A = X^T X    (X X^T where that is the smaller)
 *     P = a I + A (b I + c A)
 *     X = X P
 *
 * The A of X P is P A P: it takes no long matrix to know it. So the factors P of some iterations are multiplied with each other first,
 * and a long X with their product.
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
  const together = Math.max(rows, columns) >= LONG * side ? MOST_TOGETHER : 1;
  const diagonal = diagonals(side);
  const gramOf = (y: Tensor): Tensor => matmul(y, y, isTall ? { transposeA: true } : { transposeB: true }); // [N, S, S], S the side
  const gram = gramOf(x);
  // |x|^2 is the trace: elements of long matrices are touched by products, and by nothing else.
  const norm = sqrt(sum(mul(gram, diagonal(1)), { axes: [-2, -1], keepDims: true })); // [N, 1, 1]
  const scale = div(1, maximum(norm, eps));
  let y = x;
  for (let begin = 0; begin < coefficients.length; begin += together) {
    const some = coefficients.slice(begin, begin + together);
    const factor =
      begin === 0
        ? mul(factorOf(mul(gram, square(scale)), some, diagonal), scale)
        : factorOf(gramOf(y), some, diagonal); // [N, S, S]
    y = isTall ? matmul(y, factor) : matmul(factor, y); // [N, rows, columns]
  }
  return y;
}

/** The product of the factors P of some iterations, with the A of the first. */
function factorOf(
  gram: Tensor,
  coefficients: readonly QuinticCoefficients[],
  diagonal: (value: number) => Tensor,
): Tensor {
  let factor: Tensor | undefined;
  let next = gram;
  for (const [a, b, c] of coefficients) {
    const current = add(matmul(next, add(mul(next, c), diagonal(b))), diagonal(a)); // [N, S, S]
    factor = factor === undefined ? current : matmul(current, factor);
    next = matmul(matmul(current, next), current);
  }
  return factor as Tensor;
}

/** Matrices `[side, side]` of a value times the identity, each made once. */
function diagonals(side: number): (value: number) => Tensor {
  const known = new Map<number, Tensor>();
  return (value) => {
    const matrix = known.get(value) ?? diagonalMatrix(side, value);
    known.set(value, matrix);
    return matrix;
  };
}

/** `[side, side]`: `value` times the identity. */
function diagonalMatrix(side: number, value: number): Tensor {
  const data = new Float32Array(side * side);
  for (let i = 0; i < side; i++) data[i * (side + 1)] = value;
  return constant(data, [side, side]);
}

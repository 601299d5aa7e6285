/**
 * Matrix products, batched and with operands read transposed.
 *
 * The flags spare graphs the transposes that gradients of matrix products would otherwise be full of: the VJP of every
 * flagged product is two flagged products.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { broadcastShapes, formatShape, isStatic, product, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { reshape } from "./reshape.ts";
import { sumTo } from "./sumTo.ts";

const matmulOp: OpDefinition<"matmul"> = {
  name: "matmul",
  infer: ([a, b], { transposeA, transposeB }) => {
    if (a.dtype !== "float32" || b.dtype !== "float32") {
      throw new TypeError(`matmul: expected float32 operands, got ${a.dtype} and ${b.dtype}`);
    }
    if (a.rank < 2 || b.rank < 2) {
      throw new RangeError(
        `matmul: expected operands of rank >= 2, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      );
    }
    const [m, inner] = matrixShape(a.shape, transposeA);
    const [innerB, n] = matrixShape(b.shape, transposeB);
    if (inner !== innerB) {
      throw new RangeError(
        `matmul: expected equal inner sizes, got ${inner} and ${innerB} from ${formatShape(a.shape)}${transposeA ? " transposed" : ""} ` +
          `and ${formatShape(b.shape)}${transposeB ? " transposed" : ""}`,
      );
    }
    const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
    return [{ shape: [...batch, m, n], dtype: "float32" }];
  },
  vjp: ({ inputs: [a, b], attributes: { transposeA, transposeB }, cotangents: [g], needs }) => [
    needs(0) ? sumTo(gradientA(g!, b, transposeA, transposeB), a.shape) : undefined,
    needs(1) ? gradientB(g!, a, b, transposeA, transposeB) : undefined,
  ],
};

function matrixShape(shape: Shape, transposed: boolean): Shape {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** With Y = A B: dA = G B^T, or its transpose B G^T where A was read transposed. */
function gradientA(g: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return transposeA
    ? matmul(b, g, { transposeA: transposeB, transposeB: true })
    : matmul(g, b, { transposeB: !transposeB });
}

/** With Y = A B: dB = A^T G, or its transpose G^T A where B was read transposed. */
function gradientB(g: Tensor, a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  // A matrix shared by a whole batch: one product over the flattened batch instead of a batch of products and a sum.
  const flattens = b.rank === 2 && a.rank > 2 && !transposeA && isStatic(a.shape);
  const left = flattens ? flattenRows(a) : a;
  const out = flattens ? flattenRows(g) : g;
  const gradient = transposeB
    ? matmul(out, left, { transposeA: true, transposeB: transposeA })
    : matmul(left, out, { transposeA: !transposeA });
  return sumTo(gradient, b.shape);
}

/** `[..., M, N]` as `[... * M, N]` */
function flattenRows(x: Tensor): Tensor {
  return reshape(x, [product(x.shape.slice(0, -1)), x.shape[x.rank - 1]]);
}

/** Which operands are read with their last two axes swapped. */
export interface MatmulOptions {
  /** @defaultValue false */
  transposeA?: boolean;
  /** @defaultValue false */
  transposeB?: boolean;
}

/**
 * Matrix product over the last two axes; the leading axes broadcast.
 *
 * @param a - `[..., M, K]`, or `[..., K, M]` with `transposeA`.
 * @param b - `[..., K, N]`, or `[..., N, K]` with `transposeB`.
 * @returns `[..., M, N]`
 */
export function matmul(a: Operand, b: Operand, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false } = options;
  return apply(matmulOp, [toTensor(a), toTensor(b)], { transposeA, transposeB })[0];
}

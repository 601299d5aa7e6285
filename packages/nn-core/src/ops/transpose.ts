/**
 * Permuting axes.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { normalizeAxis } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const transposeOp: OpDefinition<"transpose"> = {
  name: "transpose",
  infer: ([x], { permutation }) => {
    const seen = new Set(permutation);
    if (permutation.length !== x.rank || seen.size !== x.rank) {
      throw new RangeError(`transpose: expected a permutation of the ${x.rank} axes, got [${permutation.join(", ")}]`);
    }
    return [{ shape: permutation.map((axis) => x.shape[axis]), dtype: x.dtype }];
  },
  vjp: ({ attributes: { permutation }, cotangents: [g] }) => {
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return [transpose(g!, inverse)];
  },
};

/**
 * `x` with its axes permuted: output axis `k` is input axis `permutation[k]`.
 *
 * @param permutation - Negative axes count from the back. @defaultValue the axes reversed
 */
export function transpose(x: Operand, permutation?: readonly number[]): Tensor {
  const tensor = toTensor(x);
  const axes = permutation ?? tensor.shape.map((_, axis) => tensor.rank - 1 - axis);
  const normalized = axes.map((axis) => normalizeAxis("transpose", axis, tensor.rank));
  const moves = normalized.some((axis, index) => axis !== index) || normalized.length !== tensor.rank;
  return moves ? apply(transposeOp, [tensor], { permutation: normalized })[0] : tensor;
}

/** `x` with two axes exchanged. */
export function swapAxes(x: Operand, a: number, b: number): Tensor {
  const tensor = toTensor(x);
  const permutation = tensor.shape.map((_, axis) => axis);
  const first = normalizeAxis("swapAxes", a, tensor.rank);
  const second = normalizeAxis("swapAxes", b, tensor.rank);
  permutation[first] = second;
  permutation[second] = first;
  return transpose(tensor, permutation);
}

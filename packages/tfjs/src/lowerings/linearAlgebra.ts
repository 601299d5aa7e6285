/**
 * Matrix products.
 *
 * Backends differ in how far their batched product broadcasts, so operands come to it as two stacks of the same height, and as two
 * matrices wherever that says the same.
 */

import { elementCount } from "@llm-learning/nn-core";
import type { TensorFlow, TfTensor } from "../tensorFlow.ts";
import type { Lowerings } from "./lowering.ts";

export const linearAlgebra: Lowerings<"matmul" | "linear"> = {
  matmul: ({ tf, inputs: [a, b], attributes }) => matrixProduct(tf, a, b, attributes),

  linear: ({ tf, inputs: [x, weight, bias] }) => {
    const y = matrixProduct(tf, x.rank === 1 ? tf.expandDims(x, 0) : x, weight, { transposeB: true });
    const shaped = tf.reshape(y, x.shape.with(x.rank - 1, weight.shape[0])); // [..., outFeatures]
    return bias === undefined ? shaped : tf.add(shaped, bias);
  },
};

/** `a @ b` over leading axes that broadcast, each operand with its last two axes swapped where that is asked. */
export function matrixProduct(
  tf: TensorFlow,
  a: TfTensor,
  b: TfTensor,
  { transposeA = false, transposeB = false }: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
): TfTensor {
  if (a.rank === 2 && b.rank === 2) return tf.matMul(a, b, transposeA, transposeB);
  const rows = a.shape[a.rank - (transposeA ? 1 : 2)];
  const columns = b.shape[b.rank - (transposeB ? 2 : 1)];
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows, columns];
  if (b.rank === 2 && !transposeA) {
    const flat = tf.reshape(a, [elementCount(a.shape.slice(0, -1)), a.shape[a.rank - 1]]);
    return tf.reshape(tf.matMul(flat, b, false, transposeB), shape);
  }
  const [left, right] = [a, b].map((x) => stacked(tf, x, batch));
  return tf.reshape(tf.matMul(left, right, transposeA, transposeB), shape);
}

/** `x` with its leading axes stretched to `batch` and joined: `[count, rows, columns]`. */
function stacked(tf: TensorFlow, x: TfTensor, batch: readonly number[]): TfTensor {
  const matrix = x.shape.slice(-2);
  const full = [...batch, ...matrix];
  const stretched = x.size === elementCount(full) ? x : tf.broadcastTo(x, full);
  return tf.reshape(stretched, [elementCount(batch), ...matrix]);
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [left, right] = [a, b].map((shape) => shape[axis - rank + shape.length] ?? 1);
    return left === 1 ? right : left;
  });
}

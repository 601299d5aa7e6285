/**
 * The scores that attention takes its softmax of, and the layout in which several heads of queries meet one head of keys.
 */

import type { OpAttributes } from "../opAttributes.ts";
import { product } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { attentionOperand } from "./attentionOperands.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./reshape.ts";
import { tanh } from "./unary.ts";

/**
 * `[B, H, T, D]` with the heads that share a head of keys under one another: `[B, Hkv, H / Hkv * T, D]`.
 *
 * The order in memory stays, so a product with keys or values needs no copy of them, and one over these rows adds up over a group.
 */
export function joinGroups(x: Tensor, keyValueHeads: Tensor["shape"][number]): Tensor {
  const [B, H, T, D] = x.shape;
  if (H === keyValueHeads) return x;
  return reshape(x, [B, keyValueHeads, product([Number(H) / Number(keyValueHeads), T]), D]);
}

/** `tanh(scale / softCap * q k^T)` `[B, H, Tq, Tk]`: what a soft cap multiplies. */
export function cappedScores(q: Tensor, k: Tensor, scale: number, softCap: number): Tensor {
  const [B, H, Tq] = q.shape;
  const [, Hkv, Tk] = k.shape;
  const scores = matmul(mul(joinGroups(q, Hkv), scale / softCap), k, { transposeB: true }); // [B, Hkv, H / Hkv * Tq, Tk]
  return tanh(reshape(scores, [B, H, Tq, Tk]));
}

/**
 * The scores of an application of `scaledDotProductAttention`, before anything is hidden.
 *
 * `scale * q k^T`, where a soft cap is given `softCap * tanh(scale * q k^T / softCap)`, plus the bias.
 *
 * @param inputs - Those of the op.
 * @param attributes - Those of the op.
 * @returns `[B, H, Tq, Tk]`
 */
export function attentionScores(
  inputs: readonly Tensor[],
  { scale, softCap, operands }: OpAttributes["scaledDotProductAttention"],
): Tensor {
  const [q, k] = inputs;
  const [B, H, Tq] = q.shape;
  const [, Hkv, Tk] = k.shape;
  const products = (): Tensor => matmul(joinGroups(mul(q, scale), Hkv), k, { transposeB: true });
  const scores =
    softCap === undefined ? reshape(products(), [B, H, Tq, Tk]) : mul(cappedScores(q, k, scale, softCap), softCap);
  const bias = attentionOperand(inputs, operands, "bias");
  return bias === undefined ? scores : add(scores, bias); // [B, H, Tq, Tk]
}

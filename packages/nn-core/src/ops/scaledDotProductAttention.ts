/**
 * Scaled dot-product attention, fused (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762).
 *
 * Forward: P = softmax(scale * Q K^T + mask), Y = dropout(P) V. The backward pass keeps P and needs only products with
 * it: the softmax's row term sum(dP * P) equals sum(dY * Y), which has D columns instead of Tk (Dao et al. 2022).
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import type { OpAttributes } from "../opAttributes.ts";
import { broadcastShapes, formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { dropout } from "./dropout.ts";
import { expectFloat32 } from "./expectFloat32.ts";
import { matmul } from "./matmul.ts";
import { sum } from "./reduction.ts";

type Attributes = OpAttributes["scaledDotProductAttention"];

const attentionOp: OpDefinition<"scaledDotProductAttention"> = {
  name: "scaledDotProductAttention",
  infer: (inputs, attributes) => {
    const [q, k, v, mask] = inputs;
    expectFloat32("scaledDotProductAttention", q, k, v);
    if (!Number.isFinite(attributes.scale)) {
      throw new RangeError(`scaledDotProductAttention: expected a finite scale, got ${attributes.scale}`);
    }
    const [B, H, Tq, D] = q.shape;
    const [, , Tk] = k.shape;
    const fits =
      q.rank === 4 && sameShape(k.shape, [B, H, Tk, D]) && v.rank === 4 && sameShape(v.shape.slice(0, 3), [B, H, Tk]);
    if (!fits) {
      throw new RangeError(
        `scaledDotProductAttention: expected q [B, H, Tq, D], k [B, H, Tk, D] and v [B, H, Tk, Dv], got ` +
          [q, k, v].map(({ shape }) => formatShape(shape)).join(", "),
      );
    }
    const scores = [B, H, Tq, Tk];
    if (attributes.masked) {
      const broadcasts =
        mask.dtype === "bool" && sameShape(broadcastShapes("scaledDotProductAttention", mask.shape, scores), scores);
      if (!broadcasts) {
        throw new RangeError(
          `scaledDotProductAttention: expected a bool mask that broadcasts to ${formatShape(scores)}, ` +
            `got ${mask.dtype} ${formatShape(mask.shape)}`,
        );
      }
    }
    const dropped = dropoutMask(inputs, attributes);
    if (dropped !== undefined && !(dropped.dtype === "bool" && sameShape(dropped.shape, scores))) {
      throw new RangeError(
        `scaledDotProductAttention: expected a bool dropout mask ${formatShape(scores)}, ` +
          `got ${dropped.dtype} ${formatShape(dropped.shape)}`,
      );
    }
    const { keepProbability = 1 } = attributes;
    if (!(keepProbability > 0 && keepProbability <= 1)) {
      throw new RangeError(`scaledDotProductAttention: expected a keepProbability in (0, 1], got ${keepProbability}`);
    }
    return [
      { shape: [B, H, Tq, v.shape[3]], dtype: "float32" },
      { shape: scores, dtype: "float32" },
    ];
  },
  vjp: ({ inputs, outputs: [y, p], attributes, cotangents: [g, gP], needs }) => {
    const [q, k, v] = inputs;
    const { scale, keepProbability } = attributes;
    const dropped = dropoutMask(inputs, attributes);
    const drop = (x: Tensor): Tensor =>
      dropped === undefined ? x : dropout(x, dropped, { keepProbability: keepProbability! });

    let byP: Tensor | undefined; // dS before the factor P: dP - sum(dP * P)
    if (g !== undefined && (needs(0) || needs(1))) {
      const dP = drop(matmul(g, v, { transposeB: true })); // [B, H, Tq, Tk]
      byP = sub(dP, sum(mul(g, y), { axes: -1, keepDims: true }));
    }
    if (gP !== undefined && (needs(0) || needs(1))) {
      const term = sub(gP, sum(mul(gP, p), { axes: -1, keepDims: true }));
      byP = byP === undefined ? term : add(byP, term);
    }
    const dS = byP === undefined ? undefined : mul(p, byP); // [B, H, Tq, Tk]
    return [
      dS !== undefined && needs(0) ? mul(matmul(dS, k), scale) : undefined,
      dS !== undefined && needs(1) ? matmul(dS, mul(q, scale), { transposeA: true }) : undefined,
      g !== undefined && needs(2) ? matmul(drop(p), g, { transposeA: true }) : undefined,
      ...inputs.slice(3).map(() => undefined),
    ];
  },
};

function dropoutMask(inputs: readonly Tensor[], { masked, keepProbability }: Attributes): Tensor | undefined {
  return keepProbability === undefined ? undefined : inputs[masked ? 4 : 3];
}

/** Masks, scale and dropout of {@link scaledDotProductAttention}. */
export interface AttentionOptions {
  /** Query `i` attends key `j` only if `j <= i + (Tk - Tq)`: the last query sees every key. @defaultValue false */
  causal?: boolean;
  /** Factor of the scores. @defaultValue 1 / sqrt(D) */
  scale?: number;
  /** bool, broadcasting to `[B, H, Tq, Tk]`, true where a query may attend a key; joined with `causal`. */
  mask?: Tensor;
  /** Dropout of the attention probabilities: a bool mask `[B, H, Tq, Tk]`, true with `keepProbability`. */
  dropout?: { readonly mask: Tensor; readonly keepProbability: number };
}

/**
 * `softmax(scale * q k^T) v` over the keys that each query may attend.
 *
 * A query that may attend no key gets zeros.
 *
 * @param q - `[B, H, Tq, D]`
 * @param k - `[B, H, Tk, D]`
 * @param v - `[B, H, Tk, Dv]`
 * @returns `output` `[B, H, Tq, Dv]`, and `probabilities` `[B, H, Tq, Tk]` before dropout.
 */
export function scaledDotProductAttention(
  q: Operand,
  k: Operand,
  v: Operand,
  options: AttentionOptions = {},
): { output: Tensor; probabilities: Tensor } {
  const { causal = false, mask, dropout: dropped } = options;
  const query = toTensor(q);
  const scale = options.scale ?? defaultScale(query);
  const inputs = [query, toTensor(k), toTensor(v), ...(mask ? [mask] : []), ...(dropped ? [dropped.mask] : [])];
  const attributes = { causal, scale, masked: mask !== undefined, keepProbability: dropped?.keepProbability };
  const [output, probabilities] = apply(attentionOp, inputs, attributes);
  return { output, probabilities };
}

function defaultScale(q: Tensor): number {
  const headDim = q.shape[q.rank - 1];
  if (typeof headDim === "number") return 1 / Math.sqrt(headDim);
  throw new RangeError(
    `scaledDotProductAttention: expected a head dimension of known size, got ${formatShape(q.shape)}`,
  );
}

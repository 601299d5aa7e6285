/**
 * The op of scaled dot-product attention: types of its results, and its fused gradient.
 *
 * Forward: P = softmax(cap(scale * Q K^T) + bias, where allowed), Y = dropout(P) V. The backward pass keeps P and needs only products
 * with it: the softmax's row term sum(dP * P) equals sum(dY * Y), which has Dv columns instead of Tk (Dao et al. 2022).
 * Sinks add a term to the softmax's denominator alone, so that formula holds for them too.
 */

import type { DType } from "../dtype.ts";
import type { OpDefinition } from "../op.ts";
import type { OpAttributes } from "../opAttributes.ts";
import { broadcastShapes, formatShape, sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul, square, sub } from "./arithmetic.ts";
import { type AttentionOperand, attentionOperand } from "./attentionOperands.ts";
import { cappedScores, joinGroups } from "./attentionScores.ts";
import { dropout } from "./dropout.ts";
import { expectFloat32 } from "./expectFloat32.ts";
import { matmul } from "./matmul.ts";
import { sum } from "./reduction.ts";
import { reshape } from "./reshape.ts";
import { sumTo } from "./sumTo.ts";
import { neg } from "./unary.ts";

type Attributes = OpAttributes["scaledDotProductAttention"];

const name = "scaledDotProductAttention";

/** `[output, probabilities]` of queries, keys, values, and the `operands` behind them. */
export const attentionOp: OpDefinition<typeof name> = {
  name,
  infer: (inputs, attributes) => {
    const [q, k, v] = inputs;
    expectFloat32(name, q, k, v);
    checkAttributes(attributes);
    const [B, H, Tq, D] = q.shape;
    const [, Hkv, Tk] = k.shape;
    const fits =
      q.rank === 4 &&
      sameShape(k.shape, [B, Hkv, Tk, D]) &&
      v.rank === 4 &&
      sameShape(v.shape.slice(0, 3), [B, Hkv, Tk]) &&
      (H === Hkv || Number.isInteger(Number(H) / Number(Hkv)));
    if (!fits) {
      throw new RangeError(
        `${name}: expected q [B, H, Tq, D], k [B, Hkv, Tk, D] and v [B, Hkv, Tk, Dv], H a multiple of Hkv, got ` +
          [q, k, v].map(({ shape }) => formatShape(shape)).join(", "),
      );
    }
    const scores = [B, H, Tq, Tk];
    checkOperands(inputs, attributes, scores);
    return [
      { shape: [B, H, Tq, v.shape[3]], dtype: "float32" },
      { shape: scores, dtype: "float32" },
    ];
  },
  vjp: ({ inputs, outputs: [y, p], attributes, cotangents: [g, gP], needs }) => {
    const [q, k, v] = inputs;
    const { scale, softCap, operands, keepProbability } = attributes;
    const Hkv = k.shape[1];
    const dropped = attentionOperand(inputs, operands, "dropout");
    // What is kept is scaled in the gradient by the output, which is smaller than a mask.
    const keep = (x: Tensor): Tensor => (dropped === undefined ? x : dropout(x, dropped, { keepProbability: 1 }));
    const kept = g && (dropped === undefined ? g : mul(g, 1 / keepProbability!)); // [B, H, Tq, Dv]
    const rowSum = (x: Tensor): Tensor => sum(x, { axes: -1, keepDims: true }); // [B, H, Tq, 1]

    // dS = P * (dP - sum(dP * P)), with dP from the output and from the probabilities themselves.
    const byOutput = kept && reshape(matmul(joinGroups(kept, Hkv), v, { transposeB: true }), p.shape); // [B, H, Tq, Tk]
    const terms = [
      ...(g && byOutput ? [{ dP: keep(byOutput), total: rowSum(mul(g, y)) }] : []),
      ...(gP ? [{ dP: gP, total: rowSum(mul(gP, p)) }] : []),
    ];
    const dS = mul(p, terms.map(({ dP, total }) => sub(dP, total)).reduce(add)); // [B, H, Tq, Tk]

    const byOperand = (operand: AttentionOperand, tensor: Tensor): Tensor | undefined => {
      if (operand === "bias") return sumTo(dS, tensor.shape);
      if (operand !== "sinks") return undefined;
      // A sink's own probability is what the keys leave of 1, and its value is 0.
      const share = sub(1, rowSum(p)); // [B, H, Tq, 1]
      const total = terms.map((term) => term.total).reduce(add); // [B, H, Tq, 1]
      return neg(sum(mul(share, total), { axes: [0, 2, 3] })); // [H]
    };
    const slope = softCap === undefined ? undefined : sub(1, square(cappedScores(q, k, scale, softCap)));
    const dQK = joinGroups(slope === undefined ? dS : mul(dS, slope), Hkv); // [B, Hkv, H / Hkv * Tq, Tk]
    return [
      needs(0) ? reshape(matmul(dQK, mul(k, scale)), q.shape) : undefined,
      needs(1) ? matmul(dQK, mul(joinGroups(q, Hkv), scale), { transposeA: true }) : undefined,
      kept && needs(2) ? matmul(joinGroups(keep(p), Hkv), joinGroups(kept, Hkv), { transposeA: true }) : undefined,
      ...operands.map((operand, index) => (needs(3 + index) ? byOperand(operand, inputs[3 + index]) : undefined)),
    ];
  },
};

function checkAttributes({ scale, softCap, window, operands, keepProbability }: Attributes): void {
  if (!Number.isFinite(scale)) throw new RangeError(`${name}: expected a finite scale, got ${scale}`);
  if (softCap !== undefined && !(softCap > 0 && softCap < Infinity)) {
    throw new RangeError(`${name}: expected a finite softCap above 0, got ${softCap}`);
  }
  if (window !== undefined && !(Number.isSafeInteger(window) && window >= 1)) {
    throw new RangeError(`${name}: expected a window that is an integer >= 1, got ${window}`);
  }
  if (operands.includes("dropout") && !(keepProbability! > 0 && keepProbability! <= 1)) {
    throw new RangeError(`${name}: expected a keepProbability in (0, 1], got ${keepProbability}`);
  }
}

function checkOperands(inputs: readonly Tensor[], { operands }: Attributes, scores: Shape): void {
  const stretches = (shape: Shape): boolean => sameShape(broadcastShapes(name, shape, scores), scores);
  const rules: Record<AttentionOperand, OperandRule> = {
    mask: { what: "a bool mask that broadcasts to", dtype: "bool", shape: scores, fits: stretches },
    bias: { what: "a float32 bias that broadcasts to", dtype: "float32", shape: scores, fits: stretches },
    sinks: { what: "float32 sinks", dtype: "float32", shape: [scores[1]] },
    dropout: { what: "a bool dropout mask", dtype: "bool", shape: scores },
  };
  for (const [index, operand] of operands.entries()) {
    const { shape, dtype } = inputs[3 + index];
    const { what, ...wanted } = rules[operand];
    if (dtype === wanted.dtype && (wanted.fits?.(shape) ?? sameShape(shape, wanted.shape))) continue;
    throw new RangeError(`${name}: expected ${what} ${formatShape(wanted.shape)}, got ${dtype} ${formatShape(shape)}`);
  }
}

/** What an operand has to be: of exactly this shape, unless `fits` allows others. */
interface OperandRule {
  readonly what: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly fits?: (shape: Shape) => boolean;
}

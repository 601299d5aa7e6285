/**
 * The options of attention, and the operands and attributes of the op that they stand for.
 */

import { type Operand, toTensor } from "../op.ts";
import type { OpAttributes } from "../opAttributes.ts";
import { formatShape } from "../shape.ts";
import { isTensor, type Tensor } from "../tensor.ts";
import type { AttentionOperand } from "./attentionOperands.ts";

/** Who may attend whom, and what else shapes the probabilities of {@link scaledDotProductAttention}. */
export interface AttentionOptions {
  /** Query `i` attends key `j` only if `j <= i + (Tk - Tq)`: the last query sees every key. @defaultValue false */
  causal?: boolean;
  /**
   * A query attends only keys less than this many positions away: with `causal` itself and the `window - 1` before it, as Mistral's
   * sliding window. An integer >= 1. @defaultValue every key
   */
  window?: number;
  /** Factor of the scores. @defaultValue 1 / sqrt(D) */
  scale?: number;
  /** Scores are bent to within this bound, `softCap * tanh(scores / softCap)`, as in Gemma 2; above 0. @defaultValue none */
  softCap?: number;
  /** float32, broadcasting to `[B, H, Tq, Tk]`, added to the scores after the soft cap. Finite: hide keys by a `mask`. */
  bias?: Operand;
  /**
   * `[H]`: for each head a score that takes part in the softmax and has no value, so that a head may hear little of anybody, as in
   * gpt-oss. The probabilities of the keys then add up to less than 1.
   */
  sinks?: Operand;
  /** bool, broadcasting to `[B, H, Tq, Tk]`, true where a query may attend a key; joined with `causal` and `window`. */
  mask?: Tensor;
  /** Dropout of the attention probabilities: a bool mask `[B, H, Tq, Tk]`, true with `keepProbability`. */
  dropout?: { readonly mask: Tensor; readonly keepProbability: number };
  /**
   * Queries at a time, so that memory grows with the length instead of its square: an integer >= 1. It changes nothing where the number of
   * queries or keys is a name. @defaultValue all
   */
  chunk?: number;
}

/** What the op is applied to: queries, keys, values and the operands that are given, in the order that the attributes name. */
export interface AttentionApplication {
  readonly inputs: readonly Tensor[];
  readonly attributes: OpAttributes["scaledDotProductAttention"];
}

/** The op's operands and attributes for what a caller gave. */
export function attentionApplication(
  q: Operand,
  k: Operand,
  v: Operand,
  options: AttentionOptions,
): AttentionApplication {
  const { causal = false, window, softCap, mask, bias, sinks, dropout } = options;
  if (dropout !== undefined && !isTensor(dropout.mask)) {
    const got = typeof dropout === "object" ? `a mask of type ${typeof dropout.mask}` : String(dropout);
    throw new TypeError(
      `scaledDotProductAttention: expected dropout { mask, keepProbability } whose mask is a Tensor, got ${got}`,
    );
  }
  const query = toTensor(q);
  const given = Object.entries({
    mask,
    bias: bias === undefined ? undefined : toTensor(bias),
    sinks: sinks === undefined ? undefined : toTensor(sinks),
    dropout: dropout?.mask,
  }).flatMap(([operand, tensor]) => (tensor === undefined ? [] : [{ operand: operand as AttentionOperand, tensor }]));
  return {
    inputs: [query, toTensor(k), toTensor(v), ...given.map(({ tensor }) => tensor)],
    attributes: {
      causal,
      window,
      scale: options.scale ?? defaultScale(query),
      softCap,
      operands: given.map(({ operand }) => operand),
      keepProbability: dropout?.keepProbability,
    },
  };
}

function defaultScale(q: Tensor): number {
  const headDim = q.shape[q.rank - 1];
  if (typeof headDim === "number") return 1 / Math.sqrt(headDim);
  throw new RangeError(
    `scaledDotProductAttention: expected a head dimension of known size, got ${formatShape(q.shape)}`,
  );
}

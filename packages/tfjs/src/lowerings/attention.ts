/**
 * Scaled dot-product attention in primitive operations.
 *
 * Which keys a query reaches by position depends on the lengths alone, so one mask of a program serves all layers and runs. A row with
 * nothing allowed stays finite, and is zeroed afterwards where such rows can exist.
 */

import { attentionOperand } from "@llm-learning/nn-core";
import type { TensorFlow, TfTensor } from "../tensorFlow.ts";
import { dropped } from "./activations.ts";
import { matrixProduct } from "./linearAlgebra.ts";
import type { LoweringContext, Lowerings } from "./lowering.ts";

/** Added to the scores of hidden pairs: far below every score, and finite, so that no NaN can come of it. */
const HIDDEN = -1e38;

export const attention: Lowerings<"scaledDotProductAttention"> = {
  scaledDotProductAttention: (context) => {
    const { tf, inputs, attributes } = context;
    const [q, k, v] = inputs;
    const { scale, softCap, operands, keepProbability } = attributes;
    const [B, H, Tq, D] = q.shape;
    const [, Hkv, Tk, Dv] = v.shape;
    const joined = [B, Hkv, (H / Hkv) * Tq];

    const rows = tf.reshape(tf.mul(q, softCap === undefined ? scale : scale / softCap), [...joined, D]);
    let scores = tf.reshape(matrixProduct(tf, rows, k, { transposeB: true }), [B, H, Tq, Tk]);
    if (softCap !== undefined) scores = tf.mul(tf.tanh(scores), softCap);
    const bias = attentionOperand(inputs, operands, "bias");
    if (bias !== undefined) scores = tf.add(scores, bias);

    const reach = withinReach(context, Tq, Tk);
    const mask = attentionOperand(inputs, operands, "mask");
    const hidden = [
      ...(reach === undefined ? [] : [reach]),
      ...(mask === undefined ? [] : [tf.mul(tf.cast(tf.logicalNot(mask), "float32"), HIDDEN)]),
    ];
    for (const penalty of hidden) scores = tf.add(scores, penalty);

    const sinks = attentionOperand(inputs, operands, "sinks");
    let probabilities = sinks === undefined ? tf.softmax(scores) : softmaxWithSinks(tf, scores, sinks); // [B, H, Tq, Tk]
    // With a sink, a row with nothing allowed is exactly 0 already.
    const mayBeEmpty = sinks === undefined && (mask !== undefined || (reach !== undefined && Tk < Tq));
    if (mayBeEmpty) {
      const total = hidden.reduce((sum, penalty) => tf.add(sum, penalty)); // broadcasts to [B, H, Tq, Tk]
      const isAllowed = tf.cast(tf.greater(total, HIDDEN / 2), "float32");
      probabilities = tf.mul(probabilities, total.rank === 0 ? isAllowed : tf.max(isAllowed, -1, true));
    }

    const mayDrop = attentionOperand(inputs, operands, "dropout");
    const weights =
      mayDrop === undefined ? probabilities : dropped(tf, probabilities, mayDrop, keepProbability as number);
    const y = matrixProduct(tf, tf.reshape(weights, [...joined, Tk]), v);
    return [tf.reshape(y, [B, H, Tq, Dv]), probabilities];
  },
};

/** 0 for the keys that a query reaches by position when both sequences end together, else `HIDDEN`: `[Tq, Tk]`. */
function withinReach(
  { tf, attributes: { causal, window = Infinity }, constant }: LoweringContext<"scaledDotProductAttention">,
  Tq: number,
  Tk: number,
): TfTensor | undefined {
  if (!causal && window === Infinity) return undefined;
  return constant(`reach ${Tq} ${Tk} ${causal} ${window}`, () => {
    const penalties = new Float32Array(Tq * Tk);
    for (let at = 0; at < penalties.length; at++) {
      const ahead = (at % Tk) - (Math.floor(at / Tk) + Tk - Tq); // how much later the key is than the query
      const isNear = Math.abs(ahead) < window && (!causal || ahead <= 0);
      if (!isNear) penalties[at] = HIDDEN;
    }
    return tf.tensor(penalties, [Tq, Tk]);
  });
}

/** Softmax over the keys and one more score for each head, [H], whose probability is cut off. */
function softmaxWithSinks(tf: TensorFlow, scores: TfTensor, sinks: TfTensor): TfTensor {
  const [B, H, Tq, Tk] = scores.shape;
  const column = tf.broadcastTo(tf.reshape(sinks, [1, H, 1, 1]), [B, H, Tq, 1]);
  const probabilities = tf.softmax(tf.concat([scores, column], 3)); // [B, H, Tq, Tk + 1]
  return tf.slice(probabilities, [0, 0, 0, 0], [B, H, Tq, Tk]);
}

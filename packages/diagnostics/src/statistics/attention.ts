/**
 * What attention does: how spread its probabilities are, and how large the scores before the softmax.
 */

import {
  attentionScores,
  constant,
  greater,
  log,
  max,
  maximum,
  mean,
  mul,
  neg,
  type Node,
  reshape,
  sum,
  type Tensor,
  where,
} from "@llm-learning/nn-core";

/** Below every score. */
const LOWEST = -3.4e38;

/**
 * Mean entropy of the rows of `probabilities`, in nats.
 *
 * @param probabilities - `[..., H, Tq, Tk]`; a rank of 2 or 3 is one head.
 * @returns `[H]`
 */
export function attentionEntropy(probabilities: Tensor): Tensor {
  const [rows, columns] = probabilities.shape.slice(-2) as number[];
  const heads = probabilities.rank > 3 ? (probabilities.shape.at(-3) as number) : 1;
  // 0 ln 0 is 0; the smallest normal float32 has a logarithm of -87.
  const terms = mul(probabilities, log(maximum(probabilities, 1.2e-38)));
  const byMatrix = sum(reshape(terms, [-1, heads, rows * columns]), { axes: -1 }); // [B, H]
  return neg(mul(mean(byMatrix, { axes: 0 }), 1 / rows)); // [H]
}

/**
 * The largest score among pairs that may attend, where the op that made `probabilities` shows its scores; a pair has a probability above 0.
 *
 * @returns a scalar, or undefined.
 */
export function largestLogit(probabilities: Tensor): Tensor | undefined {
  const scores = scoresOf(probabilities);
  if (scores === undefined) return undefined;
  return max(where(greater(probabilities, 0), scores, constant(LOWEST)));
}

function scoresOf({ source }: Tensor): Tensor | undefined {
  if (source.kind !== "node") return undefined;
  const { op, inputs, attributes } = source.node;
  if (op.name === "softmax") return inputs[0];
  if (op.name !== "scaledDotProductAttention") return undefined;
  return attentionScores(inputs, attributes as Node<"scaledDotProductAttention">["attributes"]); // [B, H, Tq, Tk]
}

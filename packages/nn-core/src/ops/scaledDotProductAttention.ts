/**
 * Scaled dot-product attention (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762): each query weighs the values of the keys that it
 * may attend.
 */

import { apply, type Operand } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { attentionOp } from "./attentionOp.ts";
import { attentionApplication, type AttentionOptions } from "./attentionOptions.ts";
import { chunkedAttention } from "./chunkedAttention.ts";

/**
 * `softmax(scale * q k^T) v` over the keys that each query may attend.
 *
 * In full, with `S = scale * q k^T` and what is given of soft cap c, bias b, sink s and dropout:
 *
 *     S' = c tanh(S / c) + b, -infinity where the query may not attend the key
 *     P = exp(S') / (sum of exp(S') over the keys + exp(s))
 *     output = dropout(P) v
 *
 * Its gradient is fused. With G the gradient by the output, dropout the same as before, and `r = sum(G * output)` of each query:
 *
 *     dP = dropout(G v^T)          dS' = P * (dP - r)          dS = dS' * (1 - tanh(S / c)^2)
 *     dq = scale * dS k            dk = scale * dS^T q         dv = dropout(P)^T G
 *     db = dS', summed to b's shape                            ds = -sum((1 - sum of P over the keys) * r)
 *
 * A query that may attend no key gets zeros. Where keys and values have fewer heads than queries (grouped-query attention,
 * Ainslie et al. 2023, https://arxiv.org/abs/2305.13245), query head `h` uses head `floor(h / (H / Hkv))` of theirs.
 *
 * For the gradient P is kept, a number for each pair of tokens, head and text. With `chunk`, `[chunk, Tk]` of it are there at a time, and
 * computed again for the gradient; the output and the gradients are the same but for the order of some sums. The probabilities
 * are those of all pairs even then, and cost what they cost where they are read.
 *
 * @param q - `[B, H, Tq, D]`
 * @param k - `[B, Hkv, Tk, D]`; Hkv divides H.
 * @param v - `[B, Hkv, Tk, Dv]`
 * @throws RangeError for shapes that do not fit, or options out of their ranges; TypeError for a dropout without a mask.
 * @returns `output` `[B, H, Tq, Dv]`, and `probabilities` `[B, H, Tq, Tk]` before dropout.
 * @see for r, which has Dv columns instead of Tk: Dao et al. 2022, https://arxiv.org/abs/2205.14135, appendix B
 */
export function scaledDotProductAttention(
  q: Operand,
  k: Operand,
  v: Operand,
  options: AttentionOptions = {},
): { output: Tensor; probabilities: Tensor } {
  const { chunk } = options;
  if (chunk !== undefined && !(Number.isSafeInteger(chunk) && chunk >= 1)) {
    throw new RangeError(`scaledDotProductAttention: expected a chunk that is an integer >= 1, got ${chunk}`);
  }
  const application = attentionApplication(q, k, v, options);
  const [output, probabilities] = apply(attentionOp, application.inputs, application.attributes);
  const [Tq, Tk] = [output.shape[2], probabilities.shape[3]];
  const isEmpty = application.inputs.slice(0, 3).some(({ shape }) => shape.includes(0));
  const isLong = chunk !== undefined && typeof Tq === "number" && typeof Tk === "number" && Tq > chunk && !isEmpty;
  return { output: isLong ? chunkedAttention(application, [Tq, Tk], chunk) : output, probabilities };
}

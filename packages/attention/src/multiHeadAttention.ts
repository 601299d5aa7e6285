/**
 * Multi-head self-attention (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762).
 *
 * Attention is communication along the edges of a directed graph: each token sends a value to the tokens that may listen to
 * it, and each listener weighs what it hears by how well its query fits the sender's key. `causal` is the
 * graph in which a token hears itself and those before it.
 */

import {
  Dropout,
  formatShape,
  type Initializer,
  Linear,
  type Operand,
  reshape,
  type Rng,
  scaledDotProductAttention,
  split,
  squeeze,
  type Tensor,
  toTensor,
  transpose,
  type Training,
} from "@llm-learning/nn-core";
import { appendToCache, type KeyValueCache } from "./keyValueCache.ts";

/** Heads, masking, biases, dropout and initial weights of a {@link MultiHeadAttention}. */
export interface MultiHeadAttentionOptions {
  /** Draws the initial weights where an initializer is not given. */
  rng: Rng;
  /** Number of heads; divides embedDim. */
  numHeads: number;
  /** A token attends itself and earlier ones only. @defaultValue false */
  causal?: boolean;
  /** Bias of the query, key and value projection. @defaultValue true */
  qkvBias?: boolean;
  /** Bias of the output projection. @defaultValue true */
  outputBias?: boolean;
  /** Dropout of the attention probabilities in training. @defaultValue 0 */
  dropout?: number;
  /** Of the weights of both projections. @defaultValue as Linear */
  weightInit?: Initializer;
  /** Of the output projection's weight, where it differs. @defaultValue weightInit */
  outputInit?: Initializer;
  /** Of the biases of both projections. @defaultValue as Linear */
  biasInit?: Initializer;
}

/** What one forward pass is given besides its input. */
export interface AttentionContext {
  /** Given in training: dropout is drawn from it. */
  training?: Training | undefined;
  /** bool, broadcasting to `[B, H, T, P + T]`: true where a token may attend another. */
  mask?: Tensor | undefined;
  /** Keys and values of the P tokens before. */
  past?: KeyValueCache | undefined;
  /** Name of the length P + T, where it is not a number. */
  totalLength?: string | undefined;
}

/** Self-attention of `numHeads` heads, each `embedDim / numHeads` wide, over one fused projection. */
export class MultiHeadAttention {
  /** Queries, keys and values in one projection, `[3 * embedDim, embedDim]`: rows q, then k, then v. */
  readonly qkv: Linear;
  readonly output: Linear;
  readonly dropout: Dropout;
  readonly numHeads: number;
  readonly headDim: number;
  readonly causal: boolean;

  /** @throws RangeError if `numHeads` does not divide `embedDim`. */
  constructor(embedDim: number, options: MultiHeadAttentionOptions) {
    const { rng, numHeads, causal = false, qkvBias = true, outputBias = true, dropout = 0 } = options;
    const { weightInit, outputInit = weightInit, biasInit } = options;
    if (!Number.isInteger(numHeads) || numHeads < 1 || !Number.isInteger(embedDim / numHeads)) {
      throw new RangeError(
        `MultiHeadAttention: expected numHeads that divides embedDim, got ${numHeads} for ${embedDim}`,
      );
    }
    const biases = biasInit && { biasInit };
    this.qkv = new Linear(embedDim, 3 * embedDim, { rng, bias: qkvBias, ...(weightInit && { weightInit }), ...biases });
    this.output = new Linear(embedDim, embedDim, {
      rng,
      bias: outputBias,
      ...(outputInit && { weightInit: outputInit }),
      ...biases,
    });
    this.dropout = new Dropout(dropout);
    this.numHeads = numHeads;
    this.headDim = embedDim / numHeads;
    this.causal = causal;
  }

  /**
   * @param x - `[B, T, C]`
   * @throws RangeError if `x` is of another rank or width, or a mask or cache does not fit it.
   * @returns `output` `[B, T, C]`; `present`, the cache for the next tokens; `probabilities` `[B, H, T, P + T]`.
   */
  forward(
    x: Operand,
    context: AttentionContext = {},
  ): { output: Tensor; present: KeyValueCache; probabilities: Tensor } {
    const { training, mask, past, totalLength } = context;
    const input = toTensor(x);
    if (input.rank !== 3) {
      throw new RangeError(`MultiHeadAttention.forward: expected x [B, T, C], got ${formatShape(input.shape)}`);
    }
    const [B, T, C] = input.shape;
    const { numHeads: H, headDim: D } = this;

    const heads = transpose(reshape(this.qkv.forward(input), [B, T, 3, H, D]), [2, 0, 3, 1, 4]); // [3, B, H, T, D]
    const [q, key, value] = split(heads, 3).map((part) => squeeze(part, 0)); // [B, H, T, D] each
    const present = past === undefined ? { key, value } : appendToCache(past, { key, value }, totalLength);

    const total = present.key.shape[2];
    const dropped = this.dropout.mask([B, H, T, total], training);
    const { output, probabilities } = scaledDotProductAttention(q, present.key, present.value, {
      causal: this.causal,
      ...(mask && { mask }),
      ...(dropped && { dropout: dropped }),
    });
    const joined = reshape(transpose(output, [0, 2, 1, 3]), [B, T, C]); // [B, T, C]
    return { output: this.output.forward(joined), present, probabilities };
  }
}

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
  split,
  squeeze,
  toTensor,
  transpose,
} from "@llm-learning/nn-core";
import { attend, type AttentionContext, type AttentionResult, placed, withPast } from "./attend.ts";

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
  /** Mix what the heads heard by a linear layer; without it their outputs stand side by side. @defaultValue true */
  outputProjection?: boolean;
  /** Bias of the output projection. @defaultValue true */
  outputBias?: boolean;
  /** Factor of the scores. @defaultValue 1 / sqrt(headDim) */
  scale?: number;
  /**
   * Queries at a time, so that memory grows with the length instead of its square; an integer >= 1. It changes nothing where lengths are
   * names. @defaultValue all
   */
  chunk?: number;
  /** Dropout of the attention probabilities in training. @defaultValue 0 */
  dropout?: number;
  /** Of the weights of both projections. @defaultValue as Linear */
  weightInit?: Initializer;
  /** Of the output projection's weight, where it differs. @defaultValue weightInit */
  outputInit?: Initializer;
  /** Of the biases of both projections. @defaultValue as Linear */
  biasInit?: Initializer;
}

/** Self-attention of `numHeads` heads, each `embedDim / numHeads` wide, over one fused projection. */
export class MultiHeadAttention {
  /** Queries, keys and values in one projection, `[3 * embedDim, embedDim]`: rows q, then k, then v. */
  readonly qkv: Linear;
  /** Undefined without output projection. */
  readonly output: Linear | undefined;
  readonly dropout: Dropout;
  readonly numHeads: number;
  readonly headDim: number;
  readonly causal: boolean;
  readonly chunk: number | undefined;
  /** Factor of the scores. */
  readonly scale: number;

  /** @throws RangeError if `numHeads` does not divide `embedDim`. */
  constructor(embedDim: number, options: MultiHeadAttentionOptions) {
    const { rng, numHeads, causal = false, qkvBias = true, dropout = 0 } = options;
    const { outputProjection = true, outputBias = true } = options;
    const { weightInit, outputInit = weightInit, biasInit } = options;
    if (!Number.isInteger(numHeads) || numHeads < 1 || !Number.isInteger(embedDim / numHeads)) {
      throw new RangeError(
        `MultiHeadAttention: expected numHeads that divides embedDim, got ${numHeads} for ${embedDim}`,
      );
    }
    const biases = biasInit && { biasInit };
    this.qkv = new Linear(embedDim, 3 * embedDim, { rng, bias: qkvBias, ...(weightInit && { weightInit }), ...biases });
    const projection = { rng, bias: outputBias, ...(outputInit && { weightInit: outputInit }), ...biases };
    this.output = outputProjection ? new Linear(embedDim, embedDim, projection) : undefined;
    this.dropout = new Dropout(dropout);
    this.numHeads = numHeads;
    this.headDim = embedDim / numHeads;
    this.causal = causal;
    this.chunk = options.chunk;
    this.scale = options.scale ?? 1 / Math.sqrt(this.headDim);
  }

  /**
   * @param x - `[B, T, C]`
   * @throws RangeError if `x` is of another rank or width, or a mask or cache does not fit it.
   * @returns `output` `[B, T, C]`; `present`, the cache for the next tokens; `probabilities` `[B, H, T, P + T]`.
   */
  forward(x: Operand, context: AttentionContext = {}): AttentionResult {
    const input = toTensor(x);
    if (input.rank !== 3) {
      throw new RangeError(`MultiHeadAttention.forward: expected x [B, T, C], got ${formatShape(input.shape)}`);
    }
    const [B, T] = input.shape;
    const { numHeads: H, headDim: D } = this;

    const qkv = this.qkv.forward(input, context.training); // [B, T, 3 C]
    const heads = transpose(reshape(qkv, [B, T, 3, H, D]), [2, 0, 3, 1, 4]); // [3, B, H, T, D]
    const [q, k, value] = split(heads, 3).map((part) => squeeze(part, 0)); // [B, H, T, D] each
    const query = placed(q, "query", context);
    const present = withPast({ key: placed(k, "key", context), value }, context);
    const { output, probabilities } = attend(query, present, this, context);
    return { output: this.output?.forward(output, context.training) ?? output, present, probabilities };
  }
}

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
  tap,
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
  /** Mix what the heads heard by a linear layer; without it their outputs stand side by side. @defaultValue true */
  outputProjection?: boolean;
  /** Bias of the output projection. @defaultValue true */
  outputBias?: boolean;
  /** Factor of the scores. @defaultValue 1 / sqrt(headDim) */
  scale?: number;
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
  /** Names `query`, `key` and `probabilities` as taps, behind this path: `blocks.0.attention`. @defaultValue they have no names */
  name?: string | undefined;
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
    this.scale = options.scale ?? 1 / Math.sqrt(this.headDim);
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
    const { training, mask, past, totalLength, name } = context;
    const input = toTensor(x);
    if (input.rank !== 3) {
      throw new RangeError(`MultiHeadAttention.forward: expected x [B, T, C], got ${formatShape(input.shape)}`);
    }
    const [B, T, C] = input.shape;
    const { numHeads: H, headDim: D } = this;

    const heads = transpose(reshape(this.qkv.forward(input), [B, T, 3, H, D]), [2, 0, 3, 1, 4]); // [3, B, H, T, D]
    const [q, k, value] = split(heads, 3).map((part) => squeeze(part, 0)); // [B, H, T, D] each
    const query = name === undefined ? q : tap(q, `${name}.query`, { kind: "query" });
    const key = name === undefined ? k : tap(k, `${name}.key`, { kind: "key" });
    const present = past === undefined ? { key, value } : appendToCache(past, { key, value }, totalLength);

    const total = present.key.shape[2];
    const dropped = this.dropout.mask([B, H, T, total], training);
    const { output, probabilities } = scaledDotProductAttention(query, present.key, present.value, {
      causal: this.causal,
      scale: this.scale,
      ...(mask && { mask }),
      ...(dropped && { dropout: dropped }),
    });
    const watched =
      name === undefined ? output : tap(output, `${name}.probabilities`, { kind: "attention", value: probabilities });
    const joined = reshape(transpose(watched, [0, 2, 1, 3]), [B, T, C]); // [B, T, C]
    return { output: this.output?.forward(joined) ?? joined, present, probabilities };
  }
}

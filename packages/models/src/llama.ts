/**
 * A decoder of the Llama family: rotary positions, pre-normalization by root mean square, grouped-query attention, SwiGLU, and by
 * default no biases.
 *
 * With `qkNorm` it is Qwen3, with `qkvBias` Qwen2. The layers are those of `@llm-learning/attention` and `@llm-learning/normalization`; a block is handed its
 * attention with the norms of queries and keys in it. Touvron et al. 2023, https://arxiv.org/abs/2302.13971.
 *
 * Weights start as GPT-2's: N(0, 0.02), biases at zero, projections into the residual stream divided by sqrt(2 nLayer).
 */

import { GroupedQueryAttention, type KeyValueCache, type Rotation, rotationAt } from "@llm-learning/attention";
import { gpt2Normal, type Rng, type WeightRole, zeros } from "@llm-learning/init";
import {
  add,
  Dropout,
  Embedding,
  type Initializer,
  iota,
  Linear,
  linear,
  mul,
  relu,
  silu,
  square,
  tanh,
  tap,
  type Tensor,
  type Training,
} from "@llm-learning/nn-core";
import { RMSNorm } from "@llm-learning/normalization";
import {
  attentionChunk,
  type CacheSizes,
  type CausalLM,
  type DecoderContext,
  type DecoderResult,
  pastLength,
  throughBlock,
} from "./decoder.ts";
import { type LlamaConfig, llamaConfig, type LlamaOptions } from "./llamaConfig.ts";
import { nextTokenLoss } from "./nextTokenLoss.ts";
import { scaledRotary } from "./ropeScaling.ts";

/** A decoder-only transformer over token ids, as Llama and Qwen3 are. */
export class Llama implements CausalLM {
  readonly predicts = "every";
  readonly config: LlamaConfig;
  readonly tokenEmbedding: Embedding;
  readonly dropout: Dropout;
  readonly blocks: readonly LlamaBlock[];
  readonly norm: RMSNorm;
  /** Undefined where the token embedding's weights serve as the output layer. */
  readonly output: Linear | undefined;

  constructor(options: LlamaOptions, { rng }: { rng: Rng }) {
    const config = llamaConfig(options);
    const { vocabSize, nEmbd, nLayer, normEps: eps } = config;
    const weightInit = initializer("hidden", config, rng);
    this.config = config;
    this.tokenEmbedding = new Embedding(vocabSize, nEmbd, { rng, weightInit });
    this.dropout = new Dropout(config.dropout);
    this.blocks = Array.from({ length: nLayer }, () => new LlamaBlock(config, rng));
    this.norm = new RMSNorm(nEmbd, { eps });
    this.output = config.tieWeights ? undefined : new Linear(nEmbd, vocabSize, { rng, bias: false, weightInit });
  }

  /** Number of learned values of the model of `options`, without making it; tied weights count once. */
  static parameterCount(options: LlamaOptions): number {
    const { vocabSize: V, nEmbd: C, nLayer, ...sizes } = llamaConfig(options);
    const { nHead, nKeyValueHead, headDim: D, nHidden, mlp, qkNorm, tieWeights } = sizes;
    const { qkvBias, projectionBias, mlpBias } = sizes;
    const queries = nHead * D;
    const keysAndValues = 2 * nKeyValueHead * D;
    const attention =
      C * (2 * queries + keysAndValues) +
      (qkvBias ? queries + keysAndValues : 0) +
      (projectionBias ? C : 0) +
      (qkNorm ? 2 * D : 0);
    const widenings = mlp === "swiglu" ? 2 : 1;
    const feedForward = (widenings + 1) * C * nHidden + (mlpBias ? widenings * nHidden + C : 0);
    return V * C + nLayer * (attention + feedForward + 2 * C) + C + (tieWeights ? 0 : C * V);
  }

  get cacheSizes(): CacheSizes {
    const { nLayer: layers, nKeyValueHead: heads, headDim } = this.config;
    return { layers, heads, headDim };
  }

  /**
   * Scores of the next token after each token.
   *
   * @param inputIds - int32 or int64 `[B, T]`, `P + T <= blockSize`.
   * @returns `logits` `[B, T, V]`, and `present`, the cache of each block for the tokens to come.
   * @throws RangeError for more tokens than blockSize, a cache of another number of blocks, or a cache whose length is not a number
   * where `positionIds` are not given.
   */
  forward(inputIds: Tensor, context: DecoderContext = {}): DecoderResult {
    const { hidden, ...result } = this.#decode(inputIds, context);
    return { logits: tap(this.#scores(hidden), "logits", { kind: "logits" }), ...result };
  }

  /** All but the output layer: `hidden` `[B, T, C]` goes into it. */
  #decode(inputIds: Tensor, context: DecoderContext): Omit<DecoderResult, "logits"> & { readonly hidden: Tensor } {
    const { training, past } = context;
    const rotation = this.#rotation(inputIds, context);
    let x = this.dropout.forward(this.tokenEmbedding.forward(inputIds), training); // [B, T, C]
    const present: KeyValueCache[] = [];
    for (const [index, block] of this.blocks.entries()) {
      const given = { ...context, rotation, past: past?.[index], name: `blocks.${index}` };
      const result = throughBlock(x, (stream) => block.forward(stream, given), training);
      x = result.output;
      present.push(result.present);
    }
    return { hidden: this.norm.forward(x), present, residual: x };
  }

  /** `[..., C]` -> `[..., V]` */
  #scores(hidden: Tensor): Tensor {
    const scores = this.output?.forward(hidden) ?? linear(hidden, this.tokenEmbedding.weight);
    const { softCap } = this.config;
    return softCap === 0 ? scores : mul(tanh(mul(scores, 1 / softCap)), softCap);
  }

  /**
   * Mean cross-entropy of the next token, in nats.
   *
   * @param inputIds - int32 `[B, T]`
   * @param targets - int32 `[B, T]`: the token that follows each; -1 where nothing is asked.
   */
  loss(inputIds: Tensor, targets: Tensor, training?: Training): Tensor {
    const { hidden } = this.#decode(inputIds, { training });
    const { vocabSize } = this.config;
    return nextTokenLoss(hidden, targets, { vocabSize, scores: (rows) => this.#scores(rows), training });
  }

  /** The angles of the new tokens' positions, the same in every block. */
  #rotation(inputIds: Tensor, context: DecoderContext): Rotation {
    const { headDim, ropeTheta, ropeScaling, blockSize } = this.config;
    const { frequencies, ...options } = scaledRotary(headDim, ropeTheta, ropeScaling);
    const P = pastLength("Llama.forward", context, this.cacheSizes);
    if (context.positionIds !== undefined) return rotationAt(context.positionIds, frequencies, options);
    const T = inputIds.shape[1];
    if (P === 0 && typeof T === "string") return rotationAt(iota(T), frequencies, options);
    if (typeof P !== "number" || typeof T !== "number" || P + T > blockSize) {
      throw new RangeError(
        `Llama.forward: expected at most blockSize ${blockSize} tokens, or positionIds, ` +
          `got length ${T}${P === 0 ? "" : ` after ${P}`}`,
      );
    }
    return rotationAt(P === 0 ? iota(T) : add(iota(T), P), frequencies, options);
  }
}

/** One layer: communication between tokens, then computation on each token, both added to the residual stream. */
export class LlamaBlock {
  readonly norm1: RMSNorm;
  readonly attention: GroupedQueryAttention;
  readonly norm2: RMSNorm;
  readonly mlp: LlamaFeedForward;
  readonly dropout: Dropout;

  constructor(config: LlamaConfig, rng: Rng) {
    const { nEmbd, nHead, nKeyValueHead, headDim, normEps: eps, dropout, qkNorm } = config;
    this.norm1 = new RMSNorm(nEmbd, { eps });
    this.attention = new GroupedQueryAttention(nEmbd, {
      rng,
      numHeads: nHead,
      numKeyValueHeads: nKeyValueHead,
      headDim,
      causal: true,
      chunk: attentionChunk,
      qkvBias: config.qkvBias,
      outputBias: config.projectionBias,
      dropout,
      weightInit: initializer("hidden", config, rng),
      outputInit: initializer("residual", config, rng),
      biasInit: zeros,
      ...(qkNorm && { queryNorm: new RMSNorm(headDim, { eps }), keyNorm: new RMSNorm(headDim, { eps }) }),
    });
    this.norm2 = new RMSNorm(nEmbd, { eps });
    this.mlp = new LlamaFeedForward(config, rng);
    this.dropout = new Dropout(dropout);
  }

  /**
   * @param x - `[B, T, C]`
   * @param context - As of the whole model, with one block's cache, the `rotation` of its tokens, and the block's `name`, behind which
   * its values are tapped.
   */
  forward(
    x: Tensor,
    context: Omit<DecoderContext, "past"> & {
      past?: KeyValueCache | undefined;
      rotation?: Rotation;
      name?: string;
    } = {},
  ): { output: Tensor; present: KeyValueCache } {
    const { training, name = "block" } = context;
    const { output: heard, present } = this.attention.forward(this.norm1.forward(x), {
      ...context,
      name: `${name}.attention`,
    });
    const informed = add(x, this.dropout.forward(heard, training)); // [B, T, C]
    const thought = this.mlp.forward(this.norm2.forward(informed), { name: `${name}.mlp`, training });
    const output = add(informed, this.dropout.forward(thought, training)); // [B, T, C]
    return { output: tap(output, `${name}.residual`, { kind: "residual" }), present };
  }
}

/**
 * The feed-forward layers: SwiGLU (Shazeer 2020, https://arxiv.org/abs/2002.05202), or a squared ReLU (So et al. 2021,
 * https://arxiv.org/abs/2109.08668).
 */
export class LlamaFeedForward {
  /** Undefined where the non-linearity is a squared ReLU. */
  readonly gate: Linear | undefined;
  readonly up: Linear;
  readonly down: Linear;

  constructor(config: LlamaConfig, rng: Rng) {
    const { nEmbd, nHidden, mlp, mlpBias: bias } = config;
    const hidden = { rng, bias, biasInit: zeros, weightInit: initializer("hidden", config, rng) };
    this.gate = mlp === "swiglu" ? new Linear(nEmbd, nHidden, hidden) : undefined;
    this.up = new Linear(nEmbd, nHidden, hidden);
    this.down = new Linear(nHidden, nEmbd, { ...hidden, weightInit: initializer("residual", config, rng) });
  }

  /**
   * @param x - `[B, T, C]`
   * @param context - Behind `name`, `hidden` is tapped: the neurons after their non-linearity.
   */
  forward(x: Tensor, context: { name?: string; training?: Training | undefined } = {}): Tensor {
    const { name = "mlp", training } = context;
    const up = this.up.forward(x, training); // [B, T, nHidden]
    const hidden =
      this.gate === undefined
        ? square(tap(relu(up), `${name}.hidden`, { kind: "relu" }))
        : tap(mul(silu(this.gate.forward(x, training)), up), `${name}.hidden`);
    return this.down.forward(hidden, training); // [B, T, C]
  }
}

function initializer(role: WeightRole, { nLayer }: LlamaConfig, rng: Rng): Initializer {
  return (data) => gpt2Normal(data, { role, nLayer, rng });
}

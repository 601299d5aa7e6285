/**
 * GPT in GPT-2's form: learned positions, pre-normalization, GELU, tied output weights.
 *
 * Follows nanoGPT and the lecture "Let's build GPT" (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners").
 *
 * How weights start (`init: "gpt2"`):
 *
 *     embeddings, linear layers     N(0, 0.02)
 *     attention.output, mlp.project N(0, 0.02 / sqrt(2 nLayer)): 2 nLayer branches add up in the residual stream
 *     biases                        0
 *     normalizations                weight 1, bias 0
 */

import { type KeyValueCache, MultiHeadAttention } from "@llm-learning/attention";
import { gpt2Normal, type Rng, type WeightRole, zeros } from "@llm-learning/init";
import {
  add,
  Dropout,
  Embedding,
  embedding,
  gelu,
  type Initializer,
  iota,
  Linear,
  linear,
  relu,
  slice,
  tap,
  type Tensor,
  type Training,
} from "@llm-learning/nn-core";
import { LayerNorm } from "@llm-learning/normalization";
import {
  attentionChunk,
  type CacheSizes,
  type CausalLM,
  type DecoderContext,
  type DecoderResult,
  pastLength,
  throughBlock,
} from "./decoder.ts";
import { nextTokenLoss } from "./nextTokenLoss.ts";
import { type GPTConfig, gptConfig, type GPTOptions } from "./gptConfig.ts";

/** A decoder-only transformer over token ids. */
export class GPT implements CausalLM {
  readonly predicts = "every";
  readonly config: GPTConfig;
  readonly tokenEmbedding: Embedding;
  readonly positionEmbedding: Embedding;
  readonly dropout: Dropout;
  readonly blocks: readonly Block[];
  readonly norm: LayerNorm;
  /** Undefined where the token embedding's weights serve as the output layer. */
  readonly output: Linear | undefined;

  constructor(options: GPTOptions, { rng }: { rng: Rng }) {
    const config = gptConfig(options);
    const { vocabSize, blockSize, nEmbd, nLayer, bias, normEps: eps } = config;
    const { residualInit: _, ...init } = { rng, ...initializers(config, rng) };
    this.config = config;
    this.tokenEmbedding = new Embedding(vocabSize, nEmbd, init);
    this.positionEmbedding = new Embedding(blockSize, nEmbd, init);
    this.dropout = new Dropout(config.dropout);
    this.blocks = Array.from({ length: nLayer }, () => new Block(config, rng));
    this.norm = new LayerNorm(nEmbd, { bias, eps });
    this.output = config.tieWeights ? undefined : new Linear(nEmbd, vocabSize, { ...init, bias: config.outputBias });
  }

  /** Number of learned values of the model of `options`, without making it; tied weights count once. */
  static parameterCount(options: GPTOptions): number {
    const { vocabSize: V, blockSize: T, nEmbd: C, nLayer, ...choices } = gptConfig(options);
    const { bias, qkvBias, tieWeights, outputBias, nHidden } = choices;
    const norm = C * (bias ? 2 : 1);
    const attention = 4 * C * C + (bias ? C + (qkvBias ? 3 * C : 0) : 0);
    const feedForward = 2 * C * nHidden + (bias ? nHidden + C : 0);
    const output = tieWeights ? 0 : C * V + (outputBias ? V : 0);
    return (V + T) * C + nLayer * (2 * norm + attention + feedForward) + norm + output;
  }

  get cacheSizes(): CacheSizes {
    const { nLayer: layers, nHead: heads, nEmbd } = this.config;
    return { layers, heads, headDim: nEmbd / heads };
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
    const positions = this.#positions(inputIds, context);
    const tokens = this.tokenEmbedding.forward(inputIds); // [B, T, C]
    let x = this.dropout.forward(add(tokens, positions), training); // [B, T, C]
    const present: KeyValueCache[] = [];
    for (const [index, block] of this.blocks.entries()) {
      const given = { ...context, past: past?.[index], name: `blocks.${index}` };
      const result = throughBlock(x, (stream) => block.forward(stream, given), training);
      x = result.output;
      present.push(result.present);
    }
    return { hidden: this.norm.forward(x), present, residual: x };
  }

  /** `[..., C]` -> `[..., V]` */
  #scores(hidden: Tensor): Tensor {
    return this.output?.forward(hidden) ?? linear(hidden, this.tokenEmbedding.weight);
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

  #positions(inputIds: Tensor, context: DecoderContext): Tensor {
    const { weight } = this.positionEmbedding;
    const P = pastLength("GPT.forward", context, this.cacheSizes);
    if (context.positionIds !== undefined) return embedding(weight, context.positionIds); // [B, T, C]
    const T = inputIds.shape[1];
    if (P === 0 && typeof T === "string") return embedding(weight, iota(T)); // [T, C]
    if (typeof P !== "number" || typeof T !== "number" || P + T > this.config.blockSize) {
      throw new RangeError(
        `GPT.forward: expected at most blockSize ${this.config.blockSize} tokens, or positionIds, ` +
          `got length ${T}${P === 0 ? "" : ` after ${P}`}`,
      );
    }
    return slice(weight, { axis: 0, start: P, end: P + T }); // [T, C]
  }
}

/** One layer: communication between tokens, then computation on each token, both added to the residual stream. */
export class Block {
  readonly norm1: LayerNorm;
  readonly attention: MultiHeadAttention;
  readonly norm2: LayerNorm;
  readonly mlp: FeedForward;
  readonly dropout: Dropout;

  constructor(config: GPTConfig, rng: Rng) {
    const { nEmbd, nHead: numHeads, bias, qkvBias, dropout, normEps: eps } = config;
    const { residualInit, ...init } = initializers(config, rng);
    this.norm1 = new LayerNorm(nEmbd, { bias, eps });
    this.attention = new MultiHeadAttention(nEmbd, {
      rng,
      numHeads,
      causal: true,
      chunk: attentionChunk,
      qkvBias: bias && qkvBias,
      outputBias: bias,
      dropout,
      ...init,
      ...(residualInit && { outputInit: residualInit }),
    });
    this.norm2 = new LayerNorm(nEmbd, { bias, eps });
    this.mlp = new FeedForward(config, rng);
    this.dropout = new Dropout(dropout);
  }

  /**
   * @param x - `[B, T, C]`
   * @param context - As of the whole model, with one block's cache; and the block's `name`, behind which its values are tapped.
   */
  forward(
    x: Tensor,
    context: Omit<DecoderContext, "past"> & { past?: KeyValueCache | undefined; name?: string } = {},
  ): {
    output: Tensor;
    present: KeyValueCache;
  } {
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

/** Two linear layers around a non-linearity, by default four times as wide inside. */
export class FeedForward {
  readonly expand: Linear;
  readonly project: Linear;
  readonly activation: GPTConfig["activation"];

  constructor(config: GPTConfig, rng: Rng) {
    const { nEmbd, nHidden, bias, activation } = config;
    const { residualInit, ...init } = initializers(config, rng);
    this.expand = new Linear(nEmbd, nHidden, { rng, bias, ...init });
    this.project = new Linear(nHidden, nEmbd, {
      rng,
      bias,
      ...init,
      ...(residualInit && { weightInit: residualInit }),
    });
    this.activation = activation;
  }

  /**
   * @param x - `[B, T, C]`
   * @param context - Behind `name`, `hidden` is tapped: the neurons after their non-linearity.
   */
  forward(x: Tensor, context: { name?: string; training?: Training | undefined } = {}): Tensor {
    const { name = "mlp", training } = context;
    const { activation } = this;
    const hidden = this.expand.forward(x, training); // [B, T, nHidden]
    const approximate = activation === "gelu" ? "tanh" : "none";
    const activated = activation === "relu" ? relu(hidden) : gelu(hidden, { approximate });
    const kind = activation === "relu" ? "relu" : "gelu";
    return this.project.forward(tap(activated, `${name}.hidden`, { kind }), training); // [B, T, C]
  }
}

/** Initializers of weights, residual projections and biases; an empty object leaves PyTorch's defaults. */
function initializers({ init, nLayer }: GPTConfig, rng: Rng): Initializers {
  if (init === "torch") return {};
  const draw =
    (role: WeightRole): Initializer =>
    (data) =>
      gpt2Normal(data, { role, nLayer, rng });
  const residualInit = draw(init === "gpt2" ? "residual" : "hidden");
  return { weightInit: draw("hidden"), residualInit, biasInit: zeros };
}

interface Initializers {
  readonly weightInit?: Initializer;
  readonly residualInit?: Initializer;
  readonly biasInit?: Initializer;
}

/**
 * The rungs of "Let's build GPT" between the bigram table and the finished GPT, each with what the rung before it has and one idea
 * more. Losses are the lecture's on tiny Shakespeare (validation split, width 32, context 8, 5,000 steps):
 *
 *     (Bigram)        a table of scores
 *     "head"          token and position embeddings; one head of attention hears the past      2.5
 *     "heads"         nHead heads side by side, each nEmbd / nHead wide                        2.28
 *     "feed-forward"  a linear layer and ReLU: tokens think about what they heard              2.24
 *     "residual"      nLayer blocks of both, added to a residual stream, through projections   2.08
 *     "layer-norm"    each branch reads the stream through a LayerNorm                         2.06
 *     (GPT)           LayerNorm behind the last block, dropout, a KV cache
 *
 * As in the lecture's code, scores are divided by sqrt(nEmbd) on every rung, not by sqrt(headDim); weights start as PyTorch's do.
 */

import { MultiHeadAttention } from "@llm-learning/attention";
import type { Rng } from "@llm-learning/init";
import { add, crossEntropy, Embedding, iota, Linear, relu, tap, type Tensor } from "@llm-learning/nn-core";
import { LayerNorm } from "@llm-learning/normalization";
import { expectChoice, expectSizes } from "./checkConfig.ts";
import { expectSequence } from "./expectTokens.ts";
import type { LanguageModel } from "./languageModel.ts";

const rungs = ["head", "heads", "feed-forward", "residual", "layer-norm"] as const;

/** Sizes of a {@link LadderGPT}, and how far up it stands. */
export interface LadderGPTConfig {
  /** Number of kinds of tokens. */
  readonly vocabSize: number;
  /** Longest context, in tokens. */
  readonly blockSize: number;
  /** Width of an embedding. */
  readonly nEmbd: number;
  /** Attention heads, from "heads" on; divides nEmbd. */
  readonly nHead: number;
  /** Number of blocks, from "residual" on. */
  readonly nLayer: number;
  /** Which ideas it has. */
  readonly rung: (typeof rungs)[number];
}

/** A GPT in the making. */
export class LadderGPT implements LanguageModel {
  readonly predicts = "every";
  readonly config: LadderGPTConfig;
  readonly tokenEmbedding: Embedding;
  readonly positionEmbedding: Embedding;
  readonly layers: readonly Layer[];
  readonly output: Linear;

  /** @throws RangeError naming the field that is missing, out of range or at odds with another. */
  constructor(config: LadderGPTConfig, { rng }: { rng: Rng }) {
    checkConfig(config);
    const { vocabSize, blockSize, nEmbd } = config;
    this.config = { ...config };
    this.tokenEmbedding = new Embedding(vocabSize, nEmbd, { rng });
    this.positionEmbedding = new Embedding(blockSize, nEmbd, { rng });
    this.layers = layersOf(config, rng);
    this.output = new Linear(nEmbd, vocabSize, { rng });
  }

  /** Number of learned values of the model of `config`, without making it. */
  static parameterCount(config: LadderGPTConfig): number {
    checkConfig(config);
    const { vocabSize: V, blockSize: T, nEmbd: C, nLayer, rung } = config;
    const heads = 3 * C * C;
    const block = heads + C * C + C + 8 * C * C + 5 * C;
    const layers = {
      head: heads,
      heads,
      "feed-forward": heads + C * C + C,
      residual: nLayer * block,
      "layer-norm": nLayer * (block + 4 * C),
    };
    return (V + T) * C + layers[rung] + (C + 1) * V;
  }

  /**
   * @param inputIds - int32 or int64 `[B, T]`, at most `blockSize` tokens.
   * @returns `logits`, `[B, T, V]`
   */
  forward(inputIds: Tensor): { logits: Tensor } {
    const [, T] = expectSequence("LadderGPT", inputIds, this.config.blockSize);
    const positions = this.positionEmbedding.forward(iota(T)); // [T, C]
    let x = add(this.tokenEmbedding.forward(inputIds), positions); // [B, T, C]
    for (const [index, layer] of this.layers.entries()) x = layer.forward(x, `layers.${index}`);
    return { logits: tap(this.output.forward(x), "logits", { kind: "logits" }) }; // [B, T, V]
  }

  /** Mean cross-entropy of the next token, in nats; `targets` are int32 `[B, T]`. */
  loss(inputIds: Tensor, targets: Tensor): Tensor {
    return crossEntropy(this.forward(inputIds).logits, targets, { ignoreIndex: -1 });
  }
}

/** Anything that maps the stream `[B, T, C]` to itself; behind `name` its values are tapped. */
interface Layer {
  forward(x: Tensor, name: string): Tensor;
}

function layersOf({ rung, nEmbd, nHead, nLayer }: LadderGPTConfig, rng: Rng): Layer[] {
  const attention = (numHeads: number, outputProjection: boolean): Layer =>
    new Communication(nEmbd, { rng, numHeads, outputProjection });
  const blocks = (norm: () => LayerNorm | undefined): Layer[] =>
    Array.from({ length: nLayer }, () => [
      new Residual(attention(nHead, true), norm()),
      new Residual(new Computation(nEmbd, { rng }), norm()),
    ]).flat();
  switch (rung) {
    case "head":
      return [attention(1, false)];
    case "heads":
      return [attention(nHead, false)];
    case "feed-forward":
      return [attention(nHead, false), new Thought(nEmbd, { rng })];
    case "residual":
      return blocks(() => undefined);
    case "layer-norm":
      return blocks(() => new LayerNorm(nEmbd));
  }
}

/** Tokens hear what earlier ones have to say. */
class Communication implements Layer {
  readonly attention: MultiHeadAttention;

  constructor(nEmbd: number, options: { rng: Rng; numHeads: number; outputProjection: boolean }) {
    this.attention = new MultiHeadAttention(nEmbd, {
      ...options,
      causal: true,
      qkvBias: false,
      scale: 1 / Math.sqrt(nEmbd),
    });
  }

  forward(x: Tensor, name: string): Tensor {
    return this.attention.forward(x, { name: `${name}.attention` }).output; // [B, T, C]
  }
}

/** Each token by itself thinks about what it heard. */
class Thought implements Layer {
  readonly linear: Linear;

  constructor(nEmbd: number, { rng }: { rng: Rng }) {
    this.linear = new Linear(nEmbd, nEmbd, { rng });
  }

  forward(x: Tensor, name: string): Tensor {
    return tap(relu(this.linear.forward(x)), `${name}.hidden`, { kind: "relu" }); // [B, T, C]
  }
}

/** The same, four times as wide inside, and back to the stream by a projection. */
class Computation implements Layer {
  readonly expand: Linear;
  readonly project: Linear;

  constructor(nEmbd: number, { rng }: { rng: Rng }) {
    this.expand = new Linear(nEmbd, 4 * nEmbd, { rng });
    this.project = new Linear(4 * nEmbd, nEmbd, { rng });
  }

  forward(x: Tensor, name: string): Tensor {
    const hidden = tap(relu(this.expand.forward(x)), `${name}.hidden`, { kind: "relu" }); // [B, T, 4 C]
    return this.project.forward(hidden); // [B, T, C]
  }
}

/** `x + branch(norm(x))`: gradients reach what is below undiminished, whatever the branch does. */
class Residual implements Layer {
  readonly norm: LayerNorm | undefined;
  readonly branch: Layer;

  constructor(branch: Layer, norm: LayerNorm | undefined) {
    this.norm = norm;
    this.branch = branch;
  }

  forward(x: Tensor, name: string): Tensor {
    const heard = this.branch.forward(this.norm?.forward(x) ?? x, `${name}.branch`); // [B, T, C]
    return tap(add(x, heard), `${name}.residual`, { kind: "residual" });
  }
}

function checkConfig(config: LadderGPTConfig): void {
  expectSizes("LadderGPT", config, ["vocabSize", "blockSize", "nEmbd", "nHead", "nLayer"]);
  expectChoice("LadderGPT", "rung", config.rung, rungs);
  const { nEmbd, nHead } = config;
  if (nEmbd % nHead === 0) return;
  throw new RangeError(`LadderGPT: expected nHead that divides nEmbd, got nHead ${nHead} and nEmbd ${nEmbd}`);
}

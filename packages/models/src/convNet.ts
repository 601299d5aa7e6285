/**
 * A small residual convolutional net over tokens: the pattern "weight, norm, non-linearity" around a residual stream, as in ResNets
 * (He et al. 2016, https://arxiv.org/abs/1512.03385).
 *
 *     x = x + relu(norm(conv(x)))
 *
 * Convolutions are causal: a token sees itself and tokens before it, `dilation` apart, which doubles from block to block (1, 2, 4, ...)
 * as in WaveNet. So nLayer blocks of kernel k see 1 + (k - 1) (2^nLayer - 1) tokens. In training BatchNorm couples all positions of a
 * batch through its statistics; in use nothing of a later token reaches an earlier one.
 *
 * Weights of convolutions start as N(0, sqrt(2 / fanIn)) (Kaiming, for ReLU), the output layer's as 0.1 times N(0, 1 / sqrt(fanIn)), biases
 * as 0, the embedding as N(0, 1).
 */

import { kaimingNormal, Rng } from "@llm-learning/init";
import { add, conv1d, crossEntropy, Embedding, type Linear, Parameter, relu, tap } from "@llm-learning/nn-core";
import type { Tensor, Training } from "@llm-learning/nn-core";
import { BatchNorm } from "@llm-learning/normalization";
import { expectBooleans, expectSizes, withDefaults } from "./checkConfig.ts";
import { expectStaticSequence } from "./expectTokens.ts";
import { foldNorms } from "./foldNorms.ts";
import type { LanguageModel } from "./languageModel.ts";
import { NormedLinear } from "./normedLinear.ts";

/** Sizes and choices of a {@link ConvNet}. */
export interface ConvNetConfig {
  /** Number of kinds of tokens. */
  readonly vocabSize: number;
  /** Longest context, in tokens. */
  readonly blockSize: number;
  /** Channels of the residual stream. */
  readonly nEmbd: number;
  /** Number of blocks. */
  readonly nLayer: number;
  /** Tokens that each convolution sees. */
  readonly kernelSize: number;
  /** BatchNorm after each convolution. */
  readonly batchNorm: boolean;
}

/** Sizes, and choices that differ from `kernelSize` 3 and `batchNorm` true. */
export type ConvNetOptions = Pick<ConvNetConfig, "vocabSize" | "blockSize" | "nEmbd" | "nLayer"> &
  Partial<ConvNetConfig>;

/** Predicts each token from convolutions over those before it. */
export class ConvNet implements LanguageModel {
  readonly predicts = "every";
  readonly staticLength = true;
  readonly config: ConvNetConfig;
  readonly tokenEmbedding: Embedding;
  readonly blocks: readonly ConvBlock[];
  readonly output: Linear;

  /** @throws RangeError naming the field that is missing or out of range, TypeError if batchNorm is not true or false. */
  constructor(options: ConvNetOptions, { rng }: { rng: Rng }) {
    this.config = convNetConfig(options);
    const { vocabSize, nEmbd, nLayer } = this.config;
    this.tokenEmbedding = new Embedding(vocabSize, nEmbd, { rng });
    this.blocks = Array.from({ length: nLayer }, (_, index) => new ConvBlock(this.config, 2 ** index, rng));
    this.output = new NormedLinear(nEmbd, vocabSize, { rng, batchNorm: false, gain: 0.1 }).linear;
  }

  /** Number of learned values of the model of `options`, without making it. */
  static parameterCount(options: ConvNetOptions): number {
    const { vocabSize: V, nEmbd: C, nLayer, kernelSize, batchNorm } = convNetConfig(options);
    return V * C + nLayer * (kernelSize * C * C + (batchNorm ? 2 : 1) * C) + (C + 1) * V;
  }

  /**
   * @param inputIds - int32 or int64 `[B, T]`, T a number up to `blockSize`.
   * @param context - With `training`, each batch is normalized by its own statistics.
   * @returns `logits`, `[B, T, V]`
   */
  forward(inputIds: Tensor, { training }: { training?: Training | undefined } = {}): { logits: Tensor } {
    expectStaticSequence("ConvNet", inputIds, this.config.blockSize);
    let x = this.tokenEmbedding.forward(inputIds); // [B, T, C]
    for (const [index, block] of this.blocks.entries()) x = block.forward(x, `blocks.${index}`, training);
    return { logits: tap(this.output.forward(x), "logits", { kind: "logits" }) }; // [B, T, V]
  }

  /** Mean cross-entropy of the next token, in nats; `targets` are int32 `[B, T]`. */
  loss(inputIds: Tensor, targets: Tensor, training?: Training): Tensor {
    return crossEntropy(this.forward(inputIds, { training }).logits, targets, { ignoreIndex: -1 });
  }

  /** The model that computes the same in use without BatchNorm. */
  folded(): ConvNet {
    const plain = new ConvNet({ ...this.config, batchNorm: false }, { rng: new Rng(0) });
    return foldNorms<ConvNet>(this, plain, ({ blocks }) => blocks.map(({ conv, norm }) => ({ layer: conv, norm })));
  }
}

/** `x + relu(norm(conv(x)))` */
class ConvBlock {
  readonly conv: CausalConv;
  readonly norm: BatchNorm | undefined;

  constructor({ nEmbd, kernelSize, batchNorm }: ConvNetConfig, dilation: number, rng: Rng) {
    this.conv = new CausalConv(nEmbd, { rng, kernelSize, dilation, bias: !batchNorm });
    this.norm = batchNorm ? new BatchNorm(nEmbd) : undefined;
  }

  /** @param x - `[B, T, C]` */
  forward(x: Tensor, name: string, training?: Training): Tensor {
    const y = this.conv.forward(x);
    const hidden = tap(relu(this.norm?.forward(y, training) ?? y), `${name}.hidden`, { kind: "relu" });
    return tap(add(x, hidden), `${name}.residual`, { kind: "residual" }); // [B, T, C]
  }
}

/** A convolution that looks back only: zeros stand before the first token, none behind the last. */
class CausalConv {
  /** `[C, kernelSize, C]` */
  readonly weight: Parameter;
  /** `[C]` */
  readonly bias: Parameter | undefined;
  readonly dilation: number;
  readonly before: number;

  constructor(channels: number, options: { rng: Rng; kernelSize: number; dilation: number; bias: boolean }) {
    const { rng, kernelSize, dilation, bias } = options;
    this.weight = new Parameter([channels, kernelSize, channels], {
      init: (data, shape) => kaimingNormal(data, shape, { nonlinearity: "relu", rng }),
    });
    this.bias = bias ? new Parameter([channels]) : undefined;
    this.dilation = dilation;
    this.before = dilation * (kernelSize - 1);
  }

  /** @param x - `[B, T, C]` */
  forward(x: Tensor): Tensor {
    return conv1d(x, this.weight, this.bias, { dilation: this.dilation, padding: [[this.before, 0]] });
  }
}

function convNetConfig(options: ConvNetOptions): ConvNetConfig {
  const config = withDefaults<ConvNetConfig>({ kernelSize: 3, batchNorm: true }, options);
  expectSizes("ConvNet", config, ["vocabSize", "blockSize", "nEmbd", "nLayer", "kernelSize"]);
  expectBooleans("ConvNet", config, ["batchNorm"]);
  return config;
}

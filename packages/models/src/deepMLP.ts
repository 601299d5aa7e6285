/**
 * The MLP of makemore's third part made deep, to look at its activations, gradients and updates: `nLayer` hidden tanh layers, each with
 * BatchNorm after its weights or without.
 *
 *     hidden weights   N(0, gain / sqrt(fanIn)), gain 5/3 without BatchNorm; with it any gain trains, and 1 is the default
 *     last layer       the same times outputScale, so that the first guess is unsure: on its BatchNorm's weight where it has one
 *     biases           0, and none before a BatchNorm
 *     embedding        N(0, 1)
 *
 * Every tanh output is named, `layers.0.hidden` to the last: what the lecture's plots are drawn from.
 */

import { calculateGain, Rng } from "@llm-learning/init";
import { crossEntropy, Embedding, reshape, tanh, tap, type Tensor, type Training } from "@llm-learning/nn-core";
import { expectBooleans, expectScales, expectSizes, withDefaults } from "./checkConfig.ts";
import { expectWindow } from "./expectTokens.ts";
import { foldNorms } from "./foldNorms.ts";
import type { LanguageModel } from "./languageModel.ts";
import { NormedLinear } from "./normedLinear.ts";

/** Sizes and choices of a {@link DeepMLP}. */
export interface DeepMLPConfig {
  /** Number of kinds of tokens. */
  readonly vocabSize: number;
  /** Tokens that it looks at. */
  readonly blockSize: number;
  /** Width of a token's embedding. */
  readonly nEmbd: number;
  /** Neurons of each hidden layer. */
  readonly nHidden: number;
  /** Number of hidden layers; the output layer comes on top. */
  readonly nLayer: number;
  /** BatchNorm after the weights of every layer, the last included. */
  readonly batchNorm: boolean;
  /** Size of the hidden weights at the start, in units of 1 / sqrt(fanIn). */
  readonly gain: number;
  /** Factor of the last layer at the start. */
  readonly outputScale: number;
}

/** Sizes, and choices that differ from BatchNorm, `gain` 1 (5/3 without BatchNorm) and `outputScale` 0.1. */
export type DeepMLPOptions = Pick<DeepMLPConfig, "vocabSize" | "blockSize" | "nEmbd" | "nHidden" | "nLayer"> &
  Partial<DeepMLPConfig>;

/** Predicts the token after a window of `blockSize` tokens, through many layers. */
export class DeepMLP implements LanguageModel {
  readonly predicts = "last";
  readonly config: DeepMLPConfig;
  readonly tokenEmbedding: Embedding;
  /** `nLayer` hidden layers, then the output layer. */
  readonly layers: readonly NormedLinear[];

  /** @throws RangeError naming the field that is missing or out of range, TypeError if batchNorm is not true or false. */
  constructor(options: DeepMLPOptions, { rng }: { rng: Rng }) {
    this.config = deepMLPConfig(options);
    const { vocabSize, nEmbd, nLayer, batchNorm, gain, outputScale } = this.config;
    this.tokenEmbedding = new Embedding(vocabSize, nEmbd, { rng });
    this.layers = widths(this.config).map(([fanIn, fanOut], index) => {
      const isLast = index === nLayer;
      return new NormedLinear(fanIn, fanOut, { rng, batchNorm, gain: isLast ? 1 : gain });
    });
    const { linear, norm } = this.layers[nLayer];
    const { data } = norm?.weight ?? linear.weight;
    for (let i = 0; i < data.length; i++) data[i] *= outputScale;
  }

  /** Number of learned values of the model of `options`, without making it. */
  static parameterCount(options: DeepMLPOptions): number {
    const config = deepMLPConfig(options);
    const count = config.vocabSize * config.nEmbd;
    return widths(config).reduce(
      (total, [fanIn, fanOut]) => total + NormedLinear.parameterCount(fanIn, fanOut, config.batchNorm),
      count,
    );
  }

  /**
   * @param inputIds - int32 or int64 `[B, blockSize]`
   * @param context - With `training`, each batch is normalized by its own statistics.
   * @returns `logits`, `[B, V]`
   */
  forward(inputIds: Tensor, { training }: { training?: Training | undefined } = {}): { logits: Tensor } {
    const { blockSize, nEmbd, nLayer } = this.config;
    const [B, T] = expectWindow("DeepMLP", inputIds, blockSize);
    let x = reshape(this.tokenEmbedding.forward(inputIds), [B, T * nEmbd]); // [B, T * C]
    for (const [index, layer] of this.layers.slice(0, nLayer).entries()) {
      x = tap(tanh(layer.forward(x, training)), `layers.${index}.hidden`, { kind: "tanh" }); // [B, H]
    }
    return { logits: tap(this.layers[nLayer].forward(x, training), "logits", { kind: "logits" }) }; // [B, V]
  }

  /** Mean cross-entropy of the next token, in nats; `targets` are int32 `[B]`. */
  loss(inputIds: Tensor, targets: Tensor, training?: Training): Tensor {
    return crossEntropy(this.forward(inputIds, { training }).logits, targets, { ignoreIndex: -1 });
  }

  /** The model that computes the same in use without BatchNorm. */
  folded(): DeepMLP {
    const plain = new DeepMLP({ ...this.config, batchNorm: false }, { rng: new Rng(0) });
    return foldNorms<DeepMLP>(this, plain, ({ layers }) => layers.map(({ linear, norm }) => ({ layer: linear, norm })));
  }
}

/** Inputs and outputs of each layer. */
function widths({ vocabSize, blockSize, nEmbd, nHidden, nLayer }: DeepMLPConfig): [fanIn: number, fanOut: number][] {
  return Array.from({ length: nLayer + 1 }, (_, index) => [
    index === 0 ? blockSize * nEmbd : nHidden,
    index === nLayer ? vocabSize : nHidden,
  ]);
}

function deepMLPConfig(options: DeepMLPOptions): DeepMLPConfig {
  const gain = options.batchNorm === false ? calculateGain("tanh") : 1;
  const config = withDefaults<DeepMLPConfig>({ batchNorm: true, gain, outputScale: 0.1 }, options);
  expectSizes("DeepMLP", config, ["vocabSize", "blockSize", "nEmbd", "nHidden", "nLayer"]);
  expectBooleans("DeepMLP", config, ["batchNorm"]);
  expectScales("DeepMLP", config, ["gain", "outputScale"]);
  return config;
}

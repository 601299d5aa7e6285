/**
 * A multi-layer perceptron over the last few tokens (Bengio et al. 2003, "A Neural Probabilistic Language Model"), as makemore has it:
 * the embeddings of `blockSize` tokens side by side, one hidden tanh layer, scores of the next token.
 *
 * Part 3 of the lecture tells by this model why the start matters. Standard deviations of the weights, and the loss on names
 * (dev split) after 200,000 steps:
 *
 *     init            hidden weight         hidden bias  output weight  output bias   loss
 *     "raw"           1                     1            1              1             2.168
 *     "fixed-logits"  1                     1            0.01           0             2.13
 *     "fixed-tanh"    0.2                   0.01         0.01           0             2.103
 *     "kaiming"       (5/3) / sqrt(fanIn)   0.01         0.01           0             2.107
 *
 * The embedding starts as N(0, 1) in all of them. With `batchNorm` the hidden layer is normalized before its tanh, and has no bias; with
 * "kaiming" that reached 2.105.
 */

import { calculateGain, type Initializer, normal, Rng } from "@llm-learning/init";
import { crossEntropy, Embedding, Linear, reshape, tanh, tap } from "@llm-learning/nn-core";
import type { Tensor, Training } from "@llm-learning/nn-core";
import { BatchNorm } from "@llm-learning/normalization";
import { expectBooleans, expectChoice, expectSizes, withDefaults } from "./checkConfig.ts";
import { expectWindow } from "./expectTokens.ts";
import { foldNorms } from "./foldNorms.ts";
import type { LanguageModel } from "./languageModel.ts";

/** Sizes and choices of an {@link MLP}. */
export interface MLPConfig {
  /** Number of kinds of tokens. */
  readonly vocabSize: number;
  /** Tokens that it looks at. */
  readonly blockSize: number;
  /** Width of a token's embedding. */
  readonly nEmbd: number;
  /** Neurons of the hidden layer. */
  readonly nHidden: number;
  /** How weights start, from the lecture's first attempt to its last. */
  readonly init: "raw" | "fixed-logits" | "fixed-tanh" | "kaiming";
  /** BatchNorm of the hidden layer, before its tanh. */
  readonly batchNorm: boolean;
}

/** Sizes, and choices that differ from `init` "kaiming" without BatchNorm. */
export type MLPOptions = Pick<MLPConfig, "vocabSize" | "blockSize" | "nEmbd" | "nHidden"> & Partial<MLPConfig>;

/**
 * Predicts the token after a window of `blockSize` tokens.
 *
 * @example
 * ```ts
 * const model = new MLP({ vocabSize: 27, blockSize: 3, nEmbd: 10, nHidden: 200 }, { rng: new Rng(1) });
 * parameterCount(model); // 11897, as in the lecture
 * ```
 */
export class MLP implements LanguageModel {
  readonly predicts = "last";
  readonly config: MLPConfig;
  readonly tokenEmbedding: Embedding;
  readonly hidden: Linear;
  readonly norm: BatchNorm | undefined;
  readonly output: Linear;

  /** @throws RangeError naming the field that is missing or out of range, TypeError if batchNorm is not true or false. */
  constructor(options: MLPOptions, { rng }: { rng: Rng }) {
    this.config = mlpConfig(options);
    const { vocabSize, blockSize, nEmbd, nHidden, init, batchNorm } = this.config;
    const fanIn = blockSize * nEmbd;
    const std = startingStds(init, fanIn);
    const draw =
      (std: number): Initializer =>
      (data) =>
        normal(data, { std, rng });
    this.tokenEmbedding = new Embedding(vocabSize, nEmbd, { rng });
    this.hidden = new Linear(fanIn, nHidden, {
      rng,
      bias: !batchNorm,
      weightInit: draw(std.hidden),
      biasInit: draw(std.hiddenBias),
    });
    // A new batch weighs 0.001 in the running statistics, as in the lecture.
    this.norm = batchNorm ? new BatchNorm(nHidden, { momentum: 0.001 }) : undefined;
    this.output = new Linear(nHidden, vocabSize, { rng, weightInit: draw(std.output), biasInit: draw(std.outputBias) });
  }

  /** Number of learned values of the model of `options`, without making it. */
  static parameterCount(options: MLPOptions): number {
    const { vocabSize: V, blockSize: T, nEmbd: C, nHidden: H, batchNorm } = mlpConfig(options);
    return V * C + (T * C + (batchNorm ? 2 : 1)) * H + (H + 1) * V;
  }

  /**
   * @param inputIds - int32 or int64 `[B, blockSize]`
   * @param context - With `training`, BatchNorm normalizes by the batch.
   * @returns `logits`, `[B, V]`
   * @throws RangeError for a window of another length.
   */
  forward(inputIds: Tensor, { training }: { training?: Training | undefined } = {}): { logits: Tensor } {
    const [B, T] = expectWindow("MLP", inputIds, this.config.blockSize);
    const tokens = this.tokenEmbedding.forward(inputIds); // [B, T, C]
    const context = reshape(tokens, [B, T * this.config.nEmbd]); // [B, T * C]
    const weighed = this.hidden.forward(context); // [B, H]
    const normed = this.norm?.forward(weighed, training) ?? weighed;
    const hidden = tap(tanh(normed), "hidden", { kind: "tanh" }); // [B, H]
    return { logits: tap(this.output.forward(hidden), "logits", { kind: "logits" }) }; // [B, V]
  }

  /** Mean cross-entropy of the next token, in nats; `targets` are int32 `[B]`. */
  loss(inputIds: Tensor, targets: Tensor, training?: Training): Tensor {
    return crossEntropy(this.forward(inputIds, { training }).logits, targets, { ignoreIndex: -1 });
  }

  /** The model that computes the same in use without BatchNorm. */
  folded(): MLP {
    const plain = new MLP({ ...this.config, batchNorm: false }, { rng: new Rng(0) });
    return foldNorms<MLP>(this, plain, ({ hidden, norm }) => [{ layer: hidden, norm }]);
  }
}

function mlpConfig(options: MLPOptions): MLPConfig {
  const config = withDefaults<MLPConfig>({ init: "kaiming", batchNorm: false }, options);
  expectSizes("MLP", config, ["vocabSize", "blockSize", "nEmbd", "nHidden"]);
  expectBooleans("MLP", config, ["batchNorm"]);
  expectChoice("MLP", "init", config.init, ["raw", "fixed-logits", "fixed-tanh", "kaiming"]);
  return config;
}

/** Standard deviations of the weights: the table above. */
function startingStds(init: MLPConfig["init"], fanIn: number) {
  const raw = { hidden: 1, hiddenBias: 1, output: 1, outputBias: 1 };
  const fixedLogits = { ...raw, output: 0.01, outputBias: 0 };
  switch (init) {
    case "raw":
      return raw;
    case "fixed-logits":
      return fixedLogits;
    case "fixed-tanh":
      return { ...fixedLogits, hidden: 0.2, hiddenBias: 0.01 };
    case "kaiming":
      return { ...fixedLogits, hidden: calculateGain("tanh") / Math.sqrt(fanIn), hiddenBias: 0.01 };
  }
}

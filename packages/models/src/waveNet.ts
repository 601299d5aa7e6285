/**
 * A hierarchical model in the manner of WaveNet (van den Oord et al. 2016, https://arxiv.org/abs/1609.03499), as makemore's fifth part
 * has it: neighbours are fused two by two, layer by layer, instead of all tokens at once.
 *
 *     [B, 8, C] -> [B, 4, 2 C] -> [B, 4, H] -> [B, 2, 2 H] -> [B, 2, H] -> [B, 1, 2 H] -> [B, H] -> [B, V]
 *
 * Each fusion is weight, BatchNorm (over examples and positions alike), tanh. Weights start as N(0, 1 / sqrt(fanIn)), the output layer's
 * 0.1 times that, biases as 0, the embedding as N(0, 1).
 */

import { Rng } from "@llm-learning/init";
import { crossEntropy, type Dim, Embedding, type Linear, reshape, tanh, tap } from "@llm-learning/nn-core";
import type { Tensor, Training } from "@llm-learning/nn-core";
import { expectBooleans, expectSizes, withDefaults } from "./checkConfig.ts";
import { expectWindow } from "./expectTokens.ts";
import { foldNorms } from "./foldNorms.ts";
import type { LanguageModel } from "./languageModel.ts";
import { NormedLinear } from "./normedLinear.ts";

/** Sizes and choices of a {@link WaveNet}. */
export interface WaveNetConfig {
  /** Number of kinds of tokens. */
  readonly vocabSize: number;
  /** Tokens that it looks at, a power of 2: each layer halves them. */
  readonly blockSize: number;
  /** Width of a token's embedding. */
  readonly nEmbd: number;
  /** Neurons of each layer. */
  readonly nHidden: number;
  /** BatchNorm after the weights of every hidden layer. */
  readonly batchNorm: boolean;
}

/** Sizes; `batchNorm` is true. */
export type WaveNetOptions = Pick<WaveNetConfig, "vocabSize" | "blockSize" | "nEmbd" | "nHidden"> &
  Partial<WaveNetConfig>;

/**
 * Predicts the token after a window of `blockSize` tokens, fused two by two.
 *
 * @example
 * ```ts
 * WaveNet.parameterCount({ vocabSize: 27, blockSize: 8, nEmbd: 24, nHidden: 128 }); // 76579, as in the lecture
 * ```
 */
export class WaveNet implements LanguageModel {
  readonly predicts = "last";
  readonly config: WaveNetConfig;
  readonly tokenEmbedding: Embedding;
  readonly layers: readonly NormedLinear[];
  readonly output: Linear;

  /** @throws RangeError naming the field that is missing or out of range, TypeError if batchNorm is not true or false. */
  constructor(options: WaveNetOptions, { rng }: { rng: Rng }) {
    this.config = waveNetConfig(options);
    const { vocabSize, nEmbd, nHidden, batchNorm } = this.config;
    this.tokenEmbedding = new Embedding(vocabSize, nEmbd, { rng });
    this.layers = fanIns(this.config).map((fanIn) => new NormedLinear(fanIn, nHidden, { rng, batchNorm, gain: 1 }));
    this.output = new NormedLinear(nHidden, vocabSize, { rng, batchNorm: false, gain: 0.1 }).linear;
  }

  /** Number of learned values of the model of `options`, without making it. */
  static parameterCount(options: WaveNetOptions): number {
    const config = waveNetConfig(options);
    const { vocabSize: V, nEmbd: C, nHidden: H, batchNorm } = config;
    return fanIns(config).reduce(
      (total, fanIn) => total + NormedLinear.parameterCount(fanIn, H, batchNorm),
      V * C + (H + 1) * V,
    );
  }

  /**
   * @param inputIds - int32 or int64 `[B, blockSize]`
   * @param context - With `training`, each batch is normalized by its own statistics.
   * @returns `logits`, `[B, V]`
   */
  forward(inputIds: Tensor, { training }: { training?: Training | undefined } = {}): { logits: Tensor } {
    const [B] = expectWindow("WaveNet", inputIds, this.config.blockSize);
    let x = this.tokenEmbedding.forward(inputIds); // [B, T, C]
    for (const [index, layer] of this.layers.entries()) {
      const fused = tanh(layer.forward(flattenPairs(x), training)); // [B, T / 2, H], T halved each time
      x = tap(fused, `layers.${index}.hidden`, { kind: "tanh" });
    }
    const hidden = reshape(x, [B, this.config.nHidden]); // [B, H]
    return { logits: tap(this.output.forward(hidden), "logits", { kind: "logits" }) }; // [B, V]
  }

  /** Mean cross-entropy of the next token, in nats; `targets` are int32 `[B]`. */
  loss(inputIds: Tensor, targets: Tensor, training?: Training): Tensor {
    return crossEntropy(this.forward(inputIds, { training }).logits, targets, { ignoreIndex: -1 });
  }

  /** The model that computes the same in use without BatchNorm. */
  folded(): WaveNet {
    const plain = new WaveNet({ ...this.config, batchNorm: false }, { rng: new Rng(0) });
    return foldNorms<WaveNet>(this, plain, ({ layers }) => layers.map(({ linear, norm }) => ({ layer: linear, norm })));
  }
}

/** Neighbours side by side, the lecture's FlattenConsecutive(2): `[B, T, C]` to `[B, T / 2, 2 C]`. */
function flattenPairs(x: Tensor): Tensor {
  const [B, T, C] = x.shape as readonly [Dim, number, number];
  return reshape(x, [B, T / 2, 2 * C]);
}

/** Inputs of each layer: one layer for each halving of the window. */
function fanIns({ blockSize, nEmbd, nHidden }: WaveNetConfig): number[] {
  return Array.from({ length: Math.log2(blockSize) }, (_, index) => 2 * (index === 0 ? nEmbd : nHidden));
}

function waveNetConfig(options: WaveNetOptions): WaveNetConfig {
  const config = withDefaults<WaveNetConfig>({ batchNorm: true }, options);
  expectSizes("WaveNet", config, ["vocabSize", "blockSize", "nEmbd", "nHidden"]);
  expectBooleans("WaveNet", config, ["batchNorm"]);
  const { blockSize } = config;
  if (blockSize >= 2 && Number.isInteger(Math.log2(blockSize))) return config;
  throw new RangeError(
    `WaveNet: expected blockSize to be a power of 2 from 2 on, as each layer halves it, got ${blockSize}`,
  );
}

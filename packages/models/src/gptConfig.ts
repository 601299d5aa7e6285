/**
 * Sizes and choices of a GPT, named as nanoGPT names them.
 */

import { expectBooleans, expectChoice, expectSizes, withDefaults } from "./checkConfig.ts";

/** Sizes and choices of a {@link GPT}; see {@link gpt2Defaults} for GPT-2's. */
export interface GPTConfig {
  /** Number of tokens in the vocabulary. */
  readonly vocabSize: number;
  /** Longest context, in tokens. */
  readonly blockSize: number;
  /** Number of blocks. */
  readonly nLayer: number;
  /** Attention heads in each block; divides nEmbd. */
  readonly nHead: number;
  /** Width of the residual stream. */
  readonly nEmbd: number;
  /** Dropout of embeddings, attention and residual branches in training, in `[0, 1)`. */
  readonly dropout: number;
  /** Biases in linear layers and normalizations. */
  readonly bias: boolean;
  /** Bias of the query, key and value projections. */
  readonly qkvBias: boolean;
  /** Bias of the output layer; needs untied weights. */
  readonly outputBias: boolean;
  /** The output layer uses the token embedding's weights. */
  readonly tieWeights: boolean;
  /** Non-linearity of the feed-forward layers; "gelu" is GPT-2's tanh form, "exact-gelu" what PyTorch's `nn.GELU` and nanoGPT compute. */
  readonly activation: "gelu" | "exact-gelu" | "relu";
  /** Neurons of the feed-forward layers. @defaultValue 4 nEmbd */
  readonly nHidden: number;
  /** Epsilon of every LayerNorm. */
  readonly normEps: number;
  /**
   * How weights start: "gpt2" is N(0, 0.02) with residual projections divided by sqrt(2 nLayer), zero biases; "torch" is
   * PyTorch's defaults, as in the lecture's Colab; "lecture" is N(0, 0.02) for every weight, zero biases, as in its gpt.py.
   */
  readonly init: "gpt2" | "torch" | "lecture";
}

type Sizes = "vocabSize" | "blockSize" | "nLayer" | "nHead" | "nEmbd";

/** The choices that GPT-2 made; sizes must be given. */
export const gpt2Defaults: Omit<GPTConfig, Sizes | "nHidden"> = {
  dropout: 0,
  bias: true,
  qkvBias: true,
  outputBias: false,
  tieWeights: true,
  activation: "gelu",
  normEps: 1e-5,
  init: "gpt2",
};

/** Sizes, and any choices that differ from GPT-2's. */
export type GPTOptions = Pick<GPTConfig, Sizes> & Partial<GPTConfig>;

/**
 * The complete configuration; a field that is undefined takes its default.
 *
 * @throws RangeError naming the field that is missing, out of range or at odds with another, TypeError for a choice that
 * is not true or false.
 */
export function gptConfig(options: GPTOptions): GPTConfig {
  const config = withDefaults<GPTConfig>({ ...gpt2Defaults, nHidden: 4 * options.nEmbd }, options);
  expectSizes("GPT", config, ["vocabSize", "blockSize", "nLayer", "nHead", "nEmbd", "nHidden"]);
  if (config.nEmbd % config.nHead !== 0) {
    throw new RangeError(`GPT: expected nHead that divides nEmbd, got nHead ${config.nHead} and nEmbd ${config.nEmbd}`);
  }
  if (!(config.dropout >= 0 && config.dropout < 1)) {
    throw new RangeError(`GPT: expected dropout in [0, 1), got ${config.dropout}`);
  }
  expectBooleans("GPT", config, ["bias", "qkvBias", "outputBias", "tieWeights"]);
  if (!(config.normEps > 0 && config.normEps < Infinity)) {
    throw new RangeError(`GPT: expected normEps to be a number greater than 0, got ${config.normEps}`);
  }
  expectChoice("GPT", "activation", config.activation, ["gelu", "exact-gelu", "relu"]);
  expectChoice("GPT", "init", config.init, ["gpt2", "torch", "lecture"]);
  if (config.outputBias && config.tieWeights) {
    throw new RangeError("GPT: expected untied weights with an output bias, got tieWeights and outputBias both true");
  }
  return config;
}

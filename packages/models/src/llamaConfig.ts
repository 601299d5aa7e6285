/**
 * Sizes and choices of a decoder of the Llama family. Names are nanoGPT's where it has one.
 */

import { expectBooleans, expectChoice, expectSizes, withDefaults } from "./checkConfig.ts";
import { type RopeScaling, scaledRotary } from "./ropeScaling.ts";

/** Sizes and choices of a {@link Llama}; see {@link llamaConfig} for what follows from others. */
export interface LlamaConfig {
  /** Number of tokens in the vocabulary. */
  readonly vocabSize: number;
  /** Longest context, in tokens. */
  readonly blockSize: number;
  /** Number of blocks. */
  readonly nLayer: number;
  /** Heads of queries in each block. */
  readonly nHead: number;
  /** Heads of keys and values; divides nHead. @defaultValue nHead */
  readonly nKeyValueHead: number;
  /** Width of the residual stream. */
  readonly nEmbd: number;
  /** Width of a head, even. @defaultValue nEmbd / nHead */
  readonly headDim: number;
  /** Neurons of the feed-forward layers. @defaultValue 8/3 of nEmbd for SwiGLU, 4 nEmbd else, rounded up to a multiple of 32 */
  readonly nHidden: number;
  /** "swiglu" is `down(silu(gate(x)) * up(x))`, "squared-relu" `down(relu(up(x))^2)`. @defaultValue "swiglu" */
  readonly mlp: "swiglu" | "squared-relu";
  /** RMSNorm of each head's queries and keys, as in Qwen3. @defaultValue false */
  readonly qkNorm: boolean;
  /** Base of the rotary frequencies. @defaultValue 10,000 */
  readonly ropeTheta: number;
  /** How rotary positions are stretched for texts longer than those of the training. @defaultValue `{ type: "none" }` */
  readonly ropeScaling: RopeScaling;
  /** Biases of the query, key and value projections, as in Qwen2. @defaultValue false */
  readonly qkvBias: boolean;
  /** Bias of the attention's output projection. @defaultValue false */
  readonly projectionBias: boolean;
  /** Biases of the feed-forward layers. @defaultValue false */
  readonly mlpBias: boolean;
  /** Epsilon of every RMSNorm. @defaultValue 1e-5 */
  readonly normEps: number;
  /** The output layer uses the token embedding's weights. @defaultValue false */
  readonly tieWeights: boolean;
  /** Logits are bent to within this bound, `cap tanh(logits / cap)`; 0 leaves them. @defaultValue 0 */
  readonly softCap: number;
  /** Dropout of embeddings, attention and residual branches in training, in `[0, 1)`. @defaultValue 0 */
  readonly dropout: number;
}

type Sizes = "vocabSize" | "blockSize" | "nLayer" | "nHead" | "nEmbd";

/** Sizes, and any choices that differ from Llama's. */
export type LlamaOptions = Pick<LlamaConfig, Sizes> & Partial<LlamaConfig>;

const choices = {
  mlp: "swiglu",
  qkNorm: false,
  ropeTheta: 10_000,
  ropeScaling: { type: "none" },
  qkvBias: false,
  projectionBias: false,
  mlpBias: false,
  normEps: 1e-5,
  tieWeights: false,
  softCap: 0,
  dropout: 0,
} as const satisfies Partial<LlamaConfig>;

/** Widths of matrices that processors like. */
const HIDDEN_MULTIPLE = 32;

/**
 * The complete configuration; a field that is undefined takes its default.
 *
 * @throws RangeError naming the field that is missing, out of range or at odds with another, TypeError for a choice that is not true or
 * false.
 */
export function llamaConfig(options: LlamaOptions): LlamaConfig {
  const { nHead, nEmbd, mlp = choices.mlp } = options;
  const wide = mlp === "swiglu" ? (8 / 3) * nEmbd : 4 * nEmbd;
  const follows = {
    nKeyValueHead: nHead,
    headDim: nEmbd / nHead,
    nHidden: Math.ceil(wide / HIDDEN_MULTIPLE) * HIDDEN_MULTIPLE,
  };
  const config = withDefaults<LlamaConfig>({ ...choices, ...follows }, options);
  expectSizes("Llama", config, ["vocabSize", "blockSize", "nLayer", "nHead", "nKeyValueHead", "nEmbd"]);
  if (!Number.isSafeInteger(config.headDim) || config.headDim < 2 || config.headDim % 2 !== 0) {
    throw new RangeError(
      `Llama: expected headDim to be an even integer >= 2, got ${config.headDim} (nEmbd ${nEmbd}, nHead ${nHead})`,
    );
  }
  expectSizes("Llama", config, ["nHidden"]);
  if (config.nHead % config.nKeyValueHead !== 0) {
    throw new RangeError(
      `Llama: expected nKeyValueHead that divides nHead, got nKeyValueHead ${config.nKeyValueHead} and nHead ${config.nHead}`,
    );
  }
  expectPositive(config, ["ropeTheta", "normEps"]);
  if (!(config.softCap >= 0 && config.softCap < Infinity)) {
    throw new RangeError(`Llama: expected softCap to be a number >= 0, got ${config.softCap}`);
  }
  if (!(config.dropout >= 0 && config.dropout < 1)) {
    throw new RangeError(`Llama: expected dropout in [0, 1), got ${config.dropout}`);
  }
  expectBooleans("Llama", config, ["qkNorm", "qkvBias", "projectionBias", "mlpBias", "tieWeights"]);
  scaledRotary(config.headDim, config.ropeTheta, config.ropeScaling);
  expectChoice("Llama", "mlp", config.mlp, ["swiglu", "squared-relu"]);
  return config;
}

function expectPositive(config: LlamaConfig, names: readonly ("ropeTheta" | "normEps")[]): void {
  for (const name of names) {
    if (config[name] > 0 && config[name] < Infinity) continue;
    throw new RangeError(`Llama: expected ${name} to be a number greater than 0, got ${config[name]}`);
  }
}

/**
 * The models that can be trained: which keys of a configuration each has, and how it is made of them. The classes are in
 * `@llm-learning/models`; whatever follows (training, evaluation, export, samples) asks no more than `LanguageModel`.
 */

import type { Rng } from "@llm-learning/init";
import {
  Bigram,
  type BigramOptions,
  ConvNet,
  type ConvNetOptions,
  DeepMLP,
  type DeepMLPOptions,
  GPT,
  type GPTOptions,
  GRU,
  LadderGPT,
  type LadderGPTConfig,
  type LanguageModel,
  Llama,
  type LlamaOptions,
  MLP,
  type MLPOptions,
  type RecurrentConfig,
  RNN,
  WaveNet,
  type WaveNetOptions,
} from "@llm-learning/models";
import type { TrainConfig } from "../config/trainConfig.ts";

/** What `model` can be in a configuration. */
export const modelNames = [
  "gpt",
  "llama",
  "bigram",
  "mlp",
  "deep-mlp",
  "wavenet",
  "conv",
  "rnn",
  "gru",
  "ladder",
] as const;

export type ModelName = (typeof modelNames)[number];

/** A model as a configuration names it. */
export interface ModelKind {
  /** Which tokens it learns to predict: the successor of each, or the one after the window alone. */
  readonly predicts: LanguageModel["predicts"];
  /** How many tokens it looks back on at most. @defaultValue all of its window */
  readonly context?: number;
  /** Its keys, besides blockSize, with the values that they have where no preset says otherwise. */
  readonly defaults: Partial<TrainConfig>;
  /** Those among its keys that came later, with the values that they have in configurations written before. @defaultValue none */
  readonly later?: Partial<TrainConfig>;
  /** @param rng - Draws the first weights. */
  create(config: TrainConfig, vocabSize: number, rng: Rng): LanguageModel;
  /** Number of learned values, without making the model. @throws RangeError for sizes at odds. */
  parameterCount(config: TrainConfig, vocabSize: number): number;
  /** About how many values both passes keep for each of `tokens` input tokens. */
  activations(config: TrainConfig, vocabSize: number, tokens: number): number;
}

interface ModelClass<Options> {
  new (options: Options, context: { rng: Rng }): LanguageModel;
  parameterCount(options: Options): number;
}

/** A kind whose class takes the keys of `defaults`, `blockSize` and `vocabSize`. */
function kindOf<Options>(
  Class: ModelClass<Options>,
  {
    defaults,
    follows = [],
    ...traits
  }: Pick<ModelKind, "predicts" | "context" | "defaults" | "later" | "activations"> & {
    /** Keys of which 0 is the class's own default. */
    readonly follows?: readonly (keyof TrainConfig)[];
  },
): ModelKind {
  const optionsOf = (config: TrainConfig, vocabSize: number): Options => {
    const keys = ["blockSize", ...Object.keys(defaults)] as (keyof TrainConfig)[];
    // The configuration was checked: it has the keys, each in its range.
    const given = keys.filter((key) => !(follows.includes(key) && config[key] === 0));
    return { ...Object.fromEntries(given.map((key) => [key, config[key]])), vocabSize } as Options;
  };
  return {
    ...traits,
    defaults,
    create: (config, vocabSize, rng) => new Class(optionsOf(config, vocabSize), { rng }),
    parameterCount: (config, vocabSize) => Class.parameterCount(optionsOf(config, vocabSize)),
  };
}

/** Queries that listen at a time, and scores of a vocabulary that are there at once: see attentionChunk and nextTokenLoss of the models. */
const [QUERIES, SCORES] = [512, 2 ** 25];

/**
 * Of decoders, fitted to measured peaks: what each block keeps (with checkpointing, its input alone, and one block the rest), attention of
 * the block that is being computed, and the scores of the vocabulary, or of one chunk of tokens in training and in evaluation.
 */
function decoderActivations(config: TrainConfig, vocabSize: number, tokens: number): number {
  const { nLayer = 0, nHead = 0, nEmbd = 0, dropout = 0, blockSize, activationCheckpointing } = config;
  const probabilities = blockSize > QUERIES ? 0 : nHead * blockSize;
  const dropped = dropout > 0 ? 2 * nHead * blockSize + nEmbd : 0;
  const block = 17 * nEmbd + probabilities + dropped;
  // Masks are drawn before a step, a byte for each element.
  const blocks = activationCheckpointing ? nLayer * (nEmbd + dropped / 8) + block : nLayer * block;
  const scores = tokens * vocabSize <= SCORES ? 5.5 * vocabSize : (3.5 * SCORES) / tokens;
  return blocks + 10 * nHead * Math.min(blockSize, QUERIES) + scores;
}

const laterOfGPT = { nHidden: 0, normEps: 1e-5 } as const satisfies Partial<TrainConfig>;

const laterOfLlama = {
  ropeScaling: { type: "none" },
  qkvBias: false,
  projectionBias: false,
  mlpBias: false,
} as const satisfies Partial<TrainConfig>;

/** The models by name. */
export const modelKinds: Readonly<Record<ModelName, ModelKind>> = {
  gpt: kindOf<GPTOptions>(GPT, {
    predicts: "every",
    defaults: {
      nLayer: 4,
      nHead: 4,
      nEmbd: 128,
      dropout: 0,
      bias: true,
      qkvBias: true,
      outputBias: false,
      tieWeights: true,
      activation: "gelu",
      init: "gpt2",
      ...laterOfGPT,
    },
    later: laterOfGPT,
    activations: decoderActivations,
    follows: ["nHidden"],
  }),
  llama: kindOf<LlamaOptions>(Llama, {
    predicts: "every",
    defaults: {
      nLayer: 4,
      nHead: 4,
      nKeyValueHead: 0,
      nEmbd: 128,
      headDim: 0,
      nHidden: 0,
      mlp: "swiglu",
      qkNorm: false,
      ropeTheta: 10_000,
      normEps: 1e-5,
      tieWeights: true,
      softCap: 0,
      dropout: 0,
      ...laterOfLlama,
    },
    later: laterOfLlama,
    activations: decoderActivations,
    follows: ["nKeyValueHead", "headDim", "nHidden"],
  }),
  bigram: kindOf<BigramOptions>(Bigram, {
    predicts: "every",
    context: 1,
    defaults: { std: 1, penalty: 0 },
    activations: (_, vocabSize) => 3 * vocabSize,
  }),
  mlp: kindOf<MLPOptions>(MLP, {
    predicts: "last",
    defaults: { nEmbd: 10, nHidden: 200, init: "kaiming", batchNorm: false },
    activations: ({ nEmbd = 0, nHidden = 0, blockSize }, vocabSize) =>
      2 * nEmbd + (6 * nHidden + 3 * vocabSize) / blockSize,
  }),
  "deep-mlp": kindOf<DeepMLPOptions>(DeepMLP, {
    predicts: "last",
    defaults: { nLayer: 5, nEmbd: 10, nHidden: 100, batchNorm: true, gain: 1, outputScale: 0.1 },
    activations: ({ nLayer = 0, nEmbd = 0, nHidden = 0, blockSize }, vocabSize) =>
      2 * nEmbd + (6 * nLayer * nHidden + 6 * vocabSize) / blockSize,
  }),
  wavenet: kindOf<WaveNetOptions>(WaveNet, {
    predicts: "last",
    defaults: { nEmbd: 24, nHidden: 128, batchNorm: true },
    // Each layer halves the tokens: all of them together keep as much as one over every token.
    activations: ({ nEmbd = 0, nHidden = 0, blockSize }, vocabSize) =>
      2 * nEmbd + 6 * nHidden + (3 * vocabSize) / blockSize,
  }),
  conv: kindOf<ConvNetOptions>(ConvNet, {
    predicts: "every",
    defaults: { nLayer: 3, nEmbd: 64, kernelSize: 3, batchNorm: true },
    activations: ({ nLayer = 0, nEmbd = 0 }, vocabSize) => (8 * nLayer + 2) * nEmbd + 3 * vocabSize,
  }),
  rnn: kindOf<RecurrentConfig>(RNN, {
    predicts: "every",
    defaults: { nEmbd: 64, nHidden: 64 },
    activations: ({ nEmbd = 0, nHidden = 0 }, vocabSize) => 2 * nEmbd + 6 * nHidden + 3 * vocabSize,
  }),
  gru: kindOf<RecurrentConfig>(GRU, {
    predicts: "every",
    defaults: { nEmbd: 64, nHidden: 64 },
    activations: ({ nEmbd = 0, nHidden = 0 }, vocabSize) => 2 * nEmbd + 20 * nHidden + 3 * vocabSize,
  }),
  ladder: kindOf<LadderGPTConfig>(LadderGPT, {
    predicts: "every",
    defaults: { nLayer: 3, nHead: 4, nEmbd: 32, rung: "layer-norm" },
    activations: ({ nLayer = 0, nHead = 0, nEmbd = 0, blockSize }, vocabSize) =>
      nLayer * (17 * nEmbd + nHead * blockSize) + 10 * nHead * blockSize + 5.5 * vocabSize,
  }),
};

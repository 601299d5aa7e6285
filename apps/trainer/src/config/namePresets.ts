/**
 * The makemore lectures: models that learn names letter by letter and make up new ones.
 *
 * They train on the bundled names, which are spelled with capitals; the lectures' list is `--data names.txt`, and the figures,
 * the loss of its validation part, are of that. Plain SGD, as there, unless a script of makemore's says AdamW.
 */

import { type Preset, runDefaults } from "./presetForm.ts";

const names = {
  ...runDefaults,
  data: "names",
  lines: true,
  splitSeed: 42,
  testFraction: 0.1,
  seed: 2147483647,
  warmupSteps: 0,
  gradClip: 0,
  threads: 1,
  sampleCount: 20,
  sampleTokens: 40,
  temperature: 1,
} as const satisfies Partial<Preset["config"]>;

/** The lectures' own training: SGD whose rate drops once. */
const sgd = {
  ...names,
  optimizer: "sgd",
  momentum: 0,
  nesterov: false,
  weightDecay: 0,
  batchSize: 32,
  maxSteps: 200_000,
  learningRate: 0.1,
  schedule: "step",
  logInterval: 1000,
  // Of 32 examples each: every example of the validation part.
  evalBatches: 1000,
  evalInterval: 10_000,
  checkpointInterval: 10_000,
} as const satisfies Partial<Preset["config"]>;

/** makemore.py's training: AdamW, one rate. */
const adamW = {
  ...names,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  weightDecay: 0.01,
  batchSize: 32,
  blockSize: 16,
  maxSteps: 20_000,
  learningRate: 5e-4,
  schedule: "constant",
  logInterval: 100,
  // Of 32 names each: every name of the validation part.
  evalBatches: 128,
  evalInterval: 2000,
  checkpointInterval: 2000,
} as const satisfies Partial<Preset["config"]>;

const mlp = { ...sgd, model: "mlp", blockSize: 3, nEmbd: 10, nHidden: 200, batchNorm: false } as const;
const deepMLP = {
  ...sgd,
  model: "deep-mlp",
  blockSize: 3,
  nEmbd: 10,
  nHidden: 100,
  nLayer: 5,
  outputScale: 0.1,
} as const;

/** The lectures' models, in their order. */
export const namePresets = {
  "makemore-bigram": {
    description: "the bigram table by gradient descent: every name in every step (about 2.46)",
    config: {
      ...sgd,
      model: "bigram",
      blockSize: 16,
      std: 1,
      penalty: 0.01,
      batchSize: 0,
      maxSteps: 200,
      learningRate: 50,
      schedule: "constant",
      logInterval: 10,
      evalInterval: 50,
      checkpointInterval: 100,
    },
  },
  "makemore-mlp": {
    description: "an MLP over 3 letters, weights scaled as Kaiming says (2.107)",
    config: { ...mlp, init: "kaiming" },
  },
  "makemore-mlp-raw": {
    description: "the same from N(0, 1): its first loss is about 27 (2.168)",
    config: { ...mlp, init: "raw" },
  },
  "makemore-mlp-logits": {
    description: "the same with a humble output layer: its first loss is ln 27 (2.13)",
    config: { ...mlp, init: "fixed-logits" },
  },
  "makemore-mlp-tanh": {
    description: "the same with a hidden layer that is not saturated (2.103)",
    config: { ...mlp, init: "fixed-tanh" },
  },
  "makemore-mlp-batchnorm": {
    description: "the same with BatchNorm before the tanh (2.105)",
    config: { ...mlp, init: "kaiming", batchNorm: true },
  },
  "makemore-deep-mlp": {
    description: "five hidden layers of 100 with BatchNorm, whose inside the lecture plots",
    config: { ...deepMLP, batchNorm: true, gain: 1 },
  },
  "makemore-deep-mlp-plain": {
    description: "the same without BatchNorm, by a gain of 5/3",
    config: { ...deepMLP, batchNorm: false, gain: 5 / 3 },
  },
  "makemore-wavenet": {
    description: "8 letters fused two by two, layer by layer, with BatchNorm (1.993)",
    config: { ...sgd, model: "wavenet", blockSize: 8, nEmbd: 24, nHidden: 128, batchNorm: true, decaySteps: 150_000 },
  },
  "makemore-conv": {
    description: "a residual convolutional net: weight, BatchNorm, ReLU, three times",
    config: { ...adamW, model: "conv", nLayer: 3, nEmbd: 64, kernelSize: 3, batchNorm: true },
  },
  "makemore-rnn": {
    description: "makemore.py's recurrent net, 64 wide",
    config: { ...adamW, model: "rnn", nEmbd: 64, nHidden: 64 },
  },
  "makemore-gru": {
    description: "makemore.py's gated recurrent unit, 64 wide",
    config: { ...adamW, model: "gru", nEmbd: 64, nHidden: 64 },
  },
  "makemore-transformer": {
    description: "makemore.py's transformer: 4 layers, 4 heads, 64 wide",
    config: {
      ...adamW,
      nLayer: 4,
      nHead: 4,
      nEmbd: 64,
      dropout: 0,
      bias: true,
      qkvBias: true,
      outputBias: false,
      tieWeights: false,
      activation: "gelu",
      init: "torch",
    },
  },
} as const satisfies Record<string, Preset>;

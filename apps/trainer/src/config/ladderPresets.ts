/**
 * "Let's build GPT" from its beginning: the bigram table, then a model for each idea on the way to GPT.
 *
 * Figures are the lecture's, validation loss on tiny Shakespeare. Its AdamW is PyTorch's as it comes.
 */

import { type Preset, runDefaults } from "./presetForm.ts";

const ladder = {
  ...runDefaults,
  data: "moby-dick",
  batchSize: 32,
  blockSize: 8,
  maxSteps: 5000,
  learningRate: 1e-3,
  warmupSteps: 0,
  schedule: "constant",
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0.01,
  gradClip: 0,
  threads: 1,
  evalBatches: 200,
  evalInterval: 500,
  logInterval: 100,
  checkpointInterval: 1000,
  sampleCount: 1,
  sampleTokens: 300,
  temperature: 1,
} as const satisfies Partial<Preset["config"]>;

const rung = { ...ladder, model: "ladder", nLayer: 1, nHead: 4, nEmbd: 32 } as const;

/** The rungs in their order. */
export const ladderPresets = {
  "bigram-table": {
    description: "a table of scores, looked up by the token before (tiny Shakespeare: about 2.5)",
    config: { ...ladder, model: "bigram", std: 1, penalty: 0, maxSteps: 3000, learningRate: 1e-2 },
  },
  "one-head": {
    description: "one head of attention hears the past (about 2.4)",
    config: { ...rung, rung: "head", nHead: 1 },
  },
  "four-heads": {
    description: "four smaller heads side by side (2.28)",
    config: { ...rung, rung: "heads" },
  },
  "feed-forward": {
    description: "a linear layer and ReLU behind them (2.24)",
    config: { ...rung, rung: "feed-forward" },
  },
  residual: {
    description: "three blocks of both, added to a residual stream (2.08)",
    config: { ...rung, rung: "residual", nLayer: 3 },
  },
  layernorm: {
    description: "the same, each branch behind a LayerNorm (2.06)",
    config: { ...rung, rung: "layer-norm", nLayer: 3 },
  },
} as const satisfies Record<string, Preset>;

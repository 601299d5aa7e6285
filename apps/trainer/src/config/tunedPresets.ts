/**
 * Recipes for a low loss on tiny Shakespeare's characters on two cores, in about a minute and in an hour: Qwen3's form with
 * squared ReLU, Muon for the matrices, a rate that falls along a line to nothing. How the recipes were found is told in
 * docs/recipes.md.
 */

import { type Preset, textDefaults } from "./presetForm.ts";

const tuned = {
  ...textDefaults,
  model: "llama",
  nKeyValueHead: 0,
  headDim: 0,
  nHidden: 0,
  mlp: "squared-relu",
  qkNorm: true,
  ropeTheta: 10_000,
  normEps: 1e-6,
  softCap: 0,
  optimizer: "muon",
  muonScale: "original",
  muonSteps: 5,
  nesterov: true,
  beta2: 0.95,
  schedule: "linear",
} as const satisfies Partial<Preset["config"]>;

/** Recipes that were searched for. */
export const tunedPresets = {
  "shakespeare-best-60s": {
    description: "tuned for the time that nanogpt-cpu takes (on tiny Shakespeare: validation loss 1.57)",
    config: {
      ...tuned,
      batchSize: 8,
      blockSize: 128,
      nLayer: 4,
      nHead: 3,
      nEmbd: 96,
      maxSteps: 1690,
      warmupSteps: 50,
      learningRate: 0.01,
      embeddingRate: 0.4,
      vectorRate: 0.4,
      momentum: 0.9,
      weightDecay: 0.1,
    },
  },
  "shakespeare-best": {
    description: "tuned for an hour on two cores (on tiny Shakespeare: validation loss 1.43)",
    config: {
      ...tuned,
      batchSize: 16,
      blockSize: 256,
      nLayer: 6,
      nHead: 6,
      nEmbd: 192,
      dropout: 0.1,
      maxSteps: 2200,
      learningRate: 0.02,
      embeddingRate: 0.2,
      vectorRate: 0.2,
      momentum: 0.95,
      weightDecay: 0.2,
    },
  },
} as const satisfies Record<string, Preset>;

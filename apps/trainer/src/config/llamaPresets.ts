/**
 * The modern GPT on a text, in Llama's and in Qwen3's form: of the sizes and budgets of nanoGPT's presets in gptPresets.ts, so that the
 * runs can be laid beside them. Batches, learning rate, schedule, dropout and decay are those of nanoGPT's train_shakespeare_char:
 * nothing was tuned for this form.
 */

import { type Preset, textDefaults } from "./presetForm.ts";

const llama = {
  ...textDefaults,
  model: "llama",
  nKeyValueHead: 0,
  headDim: 0,
  nHidden: 0,
  mlp: "swiglu",
  qkNorm: false,
  ropeTheta: 10_000,
  normEps: 1e-5,
  softCap: 0,
  optimizer: "adamw",
} as const satisfies Partial<Preset["config"]>;

/** The size of nanogpt-cpu: 0.81 million parameters with the 65 characters of tiny Shakespeare, there 0.80; 2000 steps. */
const small = {
  ...llama,
  batchSize: 12,
  blockSize: 64,
  nLayer: 4,
  nHead: 4,
  nEmbd: 128,
  maxSteps: 2000,
  learningRate: 1e-3,
} as const satisfies Partial<Preset["config"]>;

/** Runs of the Llama family. */
export const llamaPresets = {
  "llama-cpu": {
    description: "Llama's form at the size and budget of nanogpt-cpu: rotary positions, RMSNorm, SwiGLU",
    config: small,
  },
  "qwen3-cpu": {
    description: "the same in Qwen3's form: norms of queries and keys, two heads of queries to one of keys",
    config: { ...small, nKeyValueHead: 2, qkNorm: true, ropeTheta: 1_000_000, normEps: 1e-6 },
  },
  "shakespeare-llama": {
    description: "Llama's form at the size and budget of shakespeare-char",
    config: {
      ...llama,
      batchSize: 64,
      blockSize: 256,
      nLayer: 6,
      nHead: 6,
      nEmbd: 384,
      dropout: 0.2,
      maxSteps: 5000,
      learningRate: 1e-3,
    },
  },
} as const satisfies Record<string, Preset>;

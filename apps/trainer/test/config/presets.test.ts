import { presetGroups, presetNames, presets, resolveConfig, type TrainConfig } from "@llm-learning/trainer";
import { describe, expect, it } from "vitest";

// nanoGPT's config/train_shakespeare_char.py and README (CPU configuration), and the last cells of "Let's build GPT": the
// notebook's and gpt.py's. What a script leaves out is its library's default (PyTorch's AdamW: betas 0.9 and 0.999, decay 0.01).
const nanoGPT: Partial<TrainConfig> = {
  bias: false,
  tieWeights: true,
  outputBias: false,
  activation: "gelu",
  init: "gpt2",
  schedule: "cosine",
  learningRate: 1e-3,
  minLearningRate: 1e-4,
  warmupSteps: 100,
  beta1: 0.9,
  beta2: 0.99,
  weightDecay: 0.1,
  gradClip: 1,
};
const lecture: Partial<TrainConfig> = {
  bias: true,
  qkvBias: false,
  tieWeights: false,
  outputBias: true,
  activation: "relu",
  schedule: "constant",
  warmupSteps: 0,
  beta1: 0.9,
  beta2: 0.999,
  weightDecay: 0.01,
  gradClip: 0,
  maxSteps: 5000,
};
const published: Record<string, Partial<TrainConfig>> = {
  // The reference row names no biases, init or decay; see presets.ts for what nanoGPT's own choices give.
  "nanogpt-cpu": {
    ...nanoGPT,
    bias: true,
    init: "lecture",
    weightDecay: 0,
    batchSize: 12,
    blockSize: 64,
    nLayer: 4,
    nHead: 4,
    nEmbd: 128,
    dropout: 0,
    maxSteps: 2e3,
    decaySteps: 2e3,
  },
  "shakespeare-char": {
    ...nanoGPT,
    batchSize: 64,
    blockSize: 256,
    nLayer: 6,
    nHead: 6,
    nEmbd: 384,
    dropout: 0.2,
    maxSteps: 5e3,
    decaySteps: 5e3,
  },
  "colab-gpt": {
    ...lecture,
    batchSize: 16,
    blockSize: 32,
    nLayer: 4,
    nHead: 4,
    nEmbd: 64,
    dropout: 0,
    learningRate: 0.001,
    init: "torch",
  },
  "lets-build-gpt": {
    ...lecture,
    batchSize: 64,
    blockSize: 256,
    nLayer: 6,
    nHead: 6,
    nEmbd: 384,
    dropout: 0.2,
    learningRate: 3e-4,
    init: "lecture",
  },
};

// The sizes and budgets of nanoGPT's presets, in the form of Llama 2 and of Qwen3, with its base, epsilon and grouped queries.
const modern: Record<string, [preset: string, changes: Partial<TrainConfig>]> = {
  "llama-cpu": ["nanogpt-cpu", { nKeyValueHead: 0, qkNorm: false, ropeTheta: 10_000, normEps: 1e-5 }],
  "qwen3-cpu": ["nanogpt-cpu", { nKeyValueHead: 2, qkNorm: true, ropeTheta: 1_000_000, normEps: 1e-6 }],
  "shakespeare-llama": ["shakespeare-char", { nKeyValueHead: 0, qkNorm: false, ropeTheta: 10_000, normEps: 1e-5 }],
};

describe("presets", () => {
  it.each(Object.entries(modern))("%s has the sizes and budget of the GPT beside it", (preset, [gpt, changes]) => {
    const { nLayer, nHead, nEmbd, blockSize, batchSize, maxSteps, dropout, schedule } = resolveConfig({ preset: gpt });
    const same = { nLayer, nHead, nEmbd, blockSize, batchSize, maxSteps, dropout, schedule };
    expect(resolveConfig({ preset })).toMatchObject({ ...same, model: "llama", ...changes });
  });

  it.each(Object.entries(published))("%s is the published configuration", (preset, expected) => {
    expect(resolveConfig({ preset })).toMatchObject(expected);
  });

  it("has a quick start, which is what nothing means", () => {
    expect(resolveConfig({})).toEqual(resolveConfig({ preset: "quickstart" }));
    expect(presetNames[0]).toBe("quickstart");
    expect(Object.values(presetGroups).flat()).toEqual(presetNames);
  });

  it("are complete: each resolves without changes, on bundled data by characters", () => {
    for (const preset of presetNames) {
      expect(resolveConfig({ preset })).toMatchObject({
        ...presets[preset].config,
        preset,
        data: presetGroups["makemore, on names"].includes(preset) ? "names" : "moby-dick",
        tokenizer: "char",
      });
    }
  });
});

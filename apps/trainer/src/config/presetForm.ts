/**
 * What a preset is, and what most of them share.
 */

import type { laterKeys, TrainConfig } from "./trainConfig.ts";

type Later = keyof typeof laterKeys;

/** What a preset decides: minLearningRate follows, and decaySteps and threads where they are not given. */
type PresetConfig = Omit<TrainConfig, "preset" | "minLearningRate" | "decaySteps" | "threads" | Later> &
  Partial<Pick<TrainConfig, "decaySteps" | "threads" | Later>>;

export interface Preset {
  /** One line for `llm-learning presets`. */
  readonly description: string;
  readonly config: PresetConfig;
}

/** What any run needs, whatever its model. */
export const runDefaults = {
  validationFraction: 0.1,
  tokenizer: "char",
  engine: "onnxruntime",
  seed: 1337,
  logInterval: 10,
  evalInterval: 250,
  evalBatches: 20,
  checkpointInterval: 250,
} as const satisfies Partial<PresetConfig>;

/** What the runs on a text share, as nanoGPT has it: tied weights, AdamW's settings, clipping, a warm-up and a cosine. */
export const textDefaults = {
  ...runDefaults,
  data: "moby-dick",
  dropout: 0,
  tieWeights: true,
  warmupSteps: 100,
  schedule: "cosine",
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  weightDecay: 0.1,
  gradClip: 1,
  sampleCount: 3,
  sampleTokens: 200,
  temperature: 0.8,
} as const satisfies Partial<PresetConfig>;

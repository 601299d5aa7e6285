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

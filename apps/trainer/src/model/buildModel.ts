/**
 * The model of a configuration.
 */

import type { Rng } from "@llm-learning/init";
import type { LanguageModel } from "@llm-learning/models";
import type { TrainConfig } from "../config/trainConfig.ts";
import { modelKinds } from "./modelKinds.ts";

/**
 * A model of the configuration's kind and sizes.
 *
 * @param vocabSize - Of the run's tokenizer.
 * @param rng - Draws the first weights.
 */
export function buildModel(config: TrainConfig, vocabSize: number, rng: Rng): LanguageModel {
  return modelKinds[config.model].create(config, vocabSize, rng);
}

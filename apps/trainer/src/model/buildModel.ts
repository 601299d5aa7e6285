/**
 * The model of a configuration.
 */

import { GPT } from "@llm-learning/models";
import type { Rng } from "@llm-learning/init";
import { modelOptions, type TrainConfig } from "../config/trainConfig.ts";

/**
 * A GPT of the configuration's sizes.
 *
 * @param vocabSize - Of the run's tokenizer.
 * @param rng - Draws the first weights.
 */
export function buildModel(config: TrainConfig, vocabSize: number, rng: Rng): GPT {
  return new GPT({ ...modelOptions(config), vocabSize }, { rng });
}

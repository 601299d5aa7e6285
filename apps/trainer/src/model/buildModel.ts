/**
 * The model of a configuration.
 */

import type { Rng } from "@llm-learning/init";
import { addLoRA, GPT, type LanguageModel, Llama } from "@llm-learning/models";
import { loraTargets } from "../config/loraChoices.ts";
import type { TrainConfig } from "../config/trainConfig.ts";
import { scaleInitialWeights } from "../training/widthFactors.ts";
import { modelKinds } from "./modelKinds.ts";

/**
 * A model of the configuration's kind and sizes; where that asks for LoRA, frozen but for its low-rank changes.
 *
 * @param vocabSize - Of the run's tokenizer.
 * @param rng - Draws the first weights.
 */
export function buildModel(config: TrainConfig, vocabSize: number, rng: Rng): LanguageModel {
  const model = modelKinds[config.model].create(config, vocabSize, rng);
  scaleInitialWeights(model, config);
  const { loraRank: rank, loraAlpha: alpha = rank, loraDropout: dropout = 0 } = config;
  if (rank > 0 && (model instanceof GPT || model instanceof Llama)) {
    addLoRA(model, { rank, alpha, dropout, targets: loraTargets(config), rng: rng.fork("lora") });
  }
  return model;
}

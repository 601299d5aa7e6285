/**
 * The size of a model before there is one: so that nothing is allocated for sizes that make no sense, and a damaged
 * configuration is noticed before it costs memory.
 */

import type { TrainConfig } from "../config/trainConfig.ts";
import { modelKinds } from "./modelKinds.ts";

/** Learned values of the model of a configuration, tied weights counted once: what `parameterCount` says of the built model. */
export function modelParameterCount(config: TrainConfig, vocabSize: number): number {
  return modelKinds[config.model].parameterCount(config, vocabSize);
}

/**
 * The size of a model before there is one: so that nothing is allocated for sizes that make no sense, and a damaged
 * configuration is noticed before it costs memory.
 */

import type { TrainConfig } from "../config/trainConfig.ts";

/** Learned values of the model of a configuration, tied weights counted once: what `parameterCount` says of the built model. */
export function modelParameterCount(config: TrainConfig, vocabSize: number): number {
  const { blockSize: T, nEmbd: C, nLayer, bias, qkvBias, tieWeights, outputBias } = config;
  const norm = C * (bias ? 2 : 1);
  const attention = 4 * C * C + (bias ? C + (qkvBias ? 3 * C : 0) : 0);
  const feedForward = 8 * C * C + (bias ? 5 * C : 0);
  const output = tieWeights ? 0 : C * vocabSize + (outputBias ? vocabSize : 0);
  return (vocabSize + T) * C + nLayer * (2 * norm + attention + feedForward) + norm + output;
}

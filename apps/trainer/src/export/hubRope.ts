/**
 * Rotary positions in Hugging Face's `config.json`: what is written of ours.
 *
 * @see https://huggingface.co/docs/transformers/internal/rope_utils
 */

import type { LlamaConfig, RopeScaling } from "@llm-learning/models";

/** The keys of `config.json`: where transformers looks from version 5 on, and where it and others did before. */
export function hubRope({ ropeTheta, ropeScaling }: LlamaConfig): Record<string, unknown> {
  const scaling = ropeScaling.type === "none" ? undefined : { rope_type: ropeScaling.type, ...numbersOf(ropeScaling) };
  return {
    rope_theta: ropeTheta,
    rope_parameters: { ...(scaling ?? { rope_type: "default" }), rope_theta: ropeTheta },
    ...(scaling !== undefined && { rope_scaling: scaling }),
  };
}

/** Names of the numbers there. */
const names: Readonly<Record<string, string>> = {
  factor: "factor",
  originalLength: "original_max_position_embeddings",
  attentionFactor: "attention_factor",
  betaFast: "beta_fast",
  betaSlow: "beta_slow",
  truncate: "truncate",
  lowFrequencyFactor: "low_freq_factor",
  highFrequencyFactor: "high_freq_factor",
};

function numbersOf({ type: _, ...numbers }: RopeScaling): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(numbers).flatMap(([ours, value]) => (value === undefined ? [] : [[names[ours], value]])),
  );
}

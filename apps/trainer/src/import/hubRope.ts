/**
 * Rotary positions in Hugging Face's `config.json`, as ours. Before version 5 of transformers there were `rope_theta` and
 * `rope_scaling`, whose `type` became `rope_type`; from then on there is `rope_parameters`.
 *
 * @see https://huggingface.co/docs/transformers/internal/rope_utils
 */

import type { RopeScaling } from "@llm-learning/models";
import { z } from "zod";
import { UsageError } from "../usageError.ts";

const positive = z.number().gt(0);

const ropeSchema = z.strictObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: positive.optional(),
  partial_rotary_factor: z.literal(1, "heads that are turned in part, which our model has not").nullish(),
  factor: z.number().min(1).optional(),
  original_max_position_embeddings: positive.nullish(),
  attention_factor: positive.nullish(),
  beta_fast: positive.nullish(),
  beta_slow: positive.nullish(),
  mscale: z.number().min(0).nullish(),
  mscale_all_dim: z.number().min(0).nullish(),
  truncate: z.boolean().nullish(),
  low_freq_factor: positive.optional(),
  high_freq_factor: positive.optional(),
});

type HubRope = z.infer<typeof ropeSchema>;

/** The keys of `config.json`. */
export const ropeKeys = {
  rope_theta: positive.optional(),
  rope_parameters: z.looseObject({}).nullish(),
  rope_scaling: z.looseObject({}).nullish(),
  partial_rotary_factor: z.literal(1, "heads that are turned in part, which our model has not").nullish(),
  original_max_position_embeddings: positive.nullish(),
} as const;

/** What those are there. */
interface RopeConfig {
  readonly rope_theta?: number | undefined;
  readonly rope_parameters?: Readonly<Record<string, unknown>> | null | undefined;
  readonly rope_scaling?: Readonly<Record<string, unknown>> | null | undefined;
  readonly original_max_position_embeddings?: number | null | undefined;
  readonly max_position_embeddings: number;
}

/**
 * Base and scaling of the positions.
 *
 * @throws UsageError for a kind of scaling that ours has not, a number that is missing, or one that has no part in it.
 */
export function hubRope(config: RopeConfig): { ropeTheta: number; ropeScaling: RopeScaling } {
  const isOld = config.rope_scaling !== null && config.rope_scaling !== undefined;
  const name = isOld ? "rope_scaling" : "rope_parameters";
  const result = ropeSchema.safeParse((isOld ? config.rope_scaling : config.rope_parameters) ?? {});
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    throw new UsageError(`expected ${name} that is known, got ${[name, ...path].join(".")}: ${message}`);
  }
  const rope = result.data;
  const ropeTheta = rope.rope_theta ?? config.rope_theta ?? 10_000;
  const originalLength =
    config.original_max_position_embeddings ?? rope.original_max_position_embeddings ?? config.max_position_embeddings;
  return { ropeTheta, ropeScaling: scalingOf(name, rope, originalLength) };
}

function scalingOf(name: string, rope: HubRope, originalLength: number): RopeScaling {
  const type = rope.rope_type ?? rope.type ?? "default";
  const number = (key: "factor" | "low_freq_factor" | "high_freq_factor"): number => {
    const value = rope[key];
    if (value !== undefined) return value;
    throw new UsageError(`expected ${name} of rope_type ${JSON.stringify(type)} with ${key}, got none`);
  };
  switch (type) {
    case "default":
      return { type: "none" };
    case "linear":
    case "dynamic":
      return { type, factor: number("factor") };
    case "yarn": {
      const factor = number("factor");
      const { beta_fast, beta_slow, truncate } = rope;
      return {
        type,
        factor,
        originalLength,
        attentionFactor: rope.attention_factor ?? yarnFactor(factor, rope),
        ...(typeof beta_fast === "number" && { betaFast: beta_fast }),
        ...(typeof beta_slow === "number" && { betaSlow: beta_slow }),
        ...(typeof truncate === "boolean" && { truncate }),
      };
    }
    case "llama3":
      return {
        type,
        factor: number("factor"),
        originalLength,
        lowFrequencyFactor: number("low_freq_factor"),
        highFrequencyFactor: number("high_freq_factor"),
      };
    default:
      throw new UsageError(
        `expected ${name} of rope_type default, linear, dynamic, yarn or llama3, got ${JSON.stringify(type)}: our model has no other`,
      );
  }
}

/** The factor of turned queries and keys where none is given, as transformers infers it; DeepSeek's files have the two scales. */
function yarnFactor(factor: number, { mscale, mscale_all_dim: all }: HubRope): number {
  const scaled = (scale: number): number => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  return mscale && all ? scaled(mscale) / scaled(all) : scaled(1);
}

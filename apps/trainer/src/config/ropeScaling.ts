/**
 * How rotary positions are stretched, as a key of a configuration: the one key whose value is an object. Ranges that hold between
 * numbers are the model's to check.
 */

import type { RopeScaling } from "@llm-learning/models";
import { z } from "zod";

const what = "an object with the type none, linear, dynamic, yarn or llama3 and the numbers of that type";
const factor = z.number(what).min(1, what);
const positive = z.number(what).gt(0, what);

export const ropeScalingSchema = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("none") }, what),
    z.strictObject({ type: z.literal("linear"), factor }, what),
    z.strictObject({ type: z.literal("dynamic"), factor }, what),
    z.strictObject(
      {
        type: z.literal("yarn"),
        factor,
        originalLength: positive,
        attentionFactor: positive.optional(),
        betaFast: positive.optional(),
        betaSlow: positive.optional(),
        truncate: z.boolean(what).optional(),
      },
      what,
    ),
    z.strictObject(
      {
        type: z.literal("llama3"),
        factor,
        originalLength: positive,
        lowFrequencyFactor: positive,
        highFrequencyFactor: positive,
      },
      what,
    ),
  ],
  what,
) satisfies z.ZodType<RopeScaling>;

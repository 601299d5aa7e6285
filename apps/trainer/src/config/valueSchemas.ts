/**
 * The kinds of values that keys of a configuration have. What a value should have been is the message of each check.
 */

import { z } from "zod";

/** An integer from `min` to `max`. */
export function integer(min: number, max: number): z.ZodNumber {
  const what = max === Number.MAX_SAFE_INTEGER ? `an integer >= ${min}` : `an integer from ${min} to ${max}`;
  return z.number(what).int(what).min(min, what).max(max, what);
}

/** A number from `min` to `max`, either of which may be left out. */
export function number(
  min: number,
  max: number,
  { excludeMin = false, excludeMax = false }: { excludeMin?: boolean; excludeMax?: boolean } = {},
): z.ZodNumber {
  const what = `a number ${excludeMin ? "greater than" : "from"} ${min} ${excludeMax ? "to below" : "to"} ${max}`;
  const lower = excludeMin ? z.number(what).gt(min, what) : z.number(what).min(min, what);
  return excludeMax ? lower.lt(max, what) : lower.max(max, what);
}

/** One of some words. */
export function oneOf<const T extends readonly [string, ...string[]]>(choices: T): z.ZodEnum<{ [K in T[number]]: K }> {
  return z.enum(choices, `one of ${choices.join(", ")}`) as z.ZodEnum<{ [K in T[number]]: K }>;
}

/** A factor of the learning rate; 1 where it is not given. */
export function factor(of: string): z.ZodOptional<z.ZodNumber> {
  return number(0, 1000).optional().describe(`factor of the learning rate of ${of} (default: 1)`);
}

/** True or false. */
export function flag(): z.ZodBoolean {
  return z.boolean("true or false");
}

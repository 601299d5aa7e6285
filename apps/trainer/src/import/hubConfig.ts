/**
 * Reading a `config.json` of Hugging Face's: its keys, and choices that our models do not have.
 */

import type { z } from "zod";
import { UsageError } from "../usageError.ts";

/** The keys of a configuration. @throws UsageError naming the first that is wrong. */
export function parseHubConfig<Schema extends z.ZodType>(schema: Schema, json: unknown, form: string): z.infer<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new UsageError(`expected the config.json of a ${form}, got ${path.join(".")}: ${message}`);
}

/** A choice that decides what is computed: whether ours computes it too, what ours would be, what it is. */
export type HubChoice = readonly [isOurs: boolean, expected: string, got: unknown];

/** @throws UsageError naming the first choice that our models do not have. */
export function expectOurChoices(form: string, choices: readonly HubChoice[]): void {
  const wrong = choices.find(([isOurs]) => !isOurs);
  if (wrong === undefined) return;
  const [, expected, got] = wrong;
  throw new UsageError(`expected a ${form} with ${expected}, got ${JSON.stringify(got)}: our model has no other`);
}

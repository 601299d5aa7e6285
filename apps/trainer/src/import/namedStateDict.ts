/**
 * The tensors of a file under our names, where they are stored as ours are.
 */

import { float32Values, type SafetensorsEntry, type StateDict } from "@llm-learning/nn-core";
import { UsageError } from "../usageError.ts";

/**
 * Takes each tensor of `names` from a file.
 *
 * @param names - Ours and theirs.
 * @param form - What the file is of, for messages.
 * @param isRedundant - Whether a tensor may be there besides.
 * @throws UsageError for a tensor that is missing or unknown.
 */
export function namedStateDict(
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  names: readonly (readonly [ours: string, theirs: string])[],
  form: string,
  isRedundant: (name: string) => boolean = () => false,
): Map<string, StateDict extends ReadonlyMap<string, infer Value> ? Value : never> {
  const weights = new Map(
    names.map(([ours, theirs]) => {
      const entry = tensors.get(theirs);
      if (entry === undefined) throw new UsageError(`expected a tensor ${JSON.stringify(theirs)}, got none`);
      return [ours, { shape: entry.shape, data: float32Values(entry) }];
    }),
  );
  const known = new Set(names.map(([, theirs]) => theirs));
  const unknown = [...tensors.keys()].find((name) => !known.has(name) && !isRedundant(name));
  if (unknown !== undefined) throw new UsageError(`expected a ${form}'s tensors, got ${JSON.stringify(unknown)}`);
  return weights;
}

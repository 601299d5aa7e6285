/**
 * JSON by strangers as values of a schema: what is wrong is said in one line that names the key.
 */

import type { Static, TObject } from "typebox";
import { Value } from "typebox/value";
import { UsageError } from "../usageError.ts";

/** Far deeper than what such files hold, and far above what could overflow the stack of a reader. */
const MAX_DEPTH = 64;

/** @throws UsageError where `text` is not JSON, or nests too deep. */
export function parseJson(text: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const shown = text.length <= 40 ? text : `${text.slice(0, 40)}…`;
    throw new UsageError(`expected JSON, got ${JSON.stringify(shown)}`, { cause });
  }
  let level = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new UsageError(`expected JSON of at most ${MAX_DEPTH} levels, got more`);
    const objects = level.filter((value) => typeof value === "object" && value !== null);
    level = objects.flatMap((value) => Object.values(value as object) as unknown[]);
  }
  return json;
}

/**
 * `value` as a value of `schema`.
 *
 * @param schema - Of an object; the description of a property says what it has to be ("an integer >= 1").
 * @throws UsageError naming the first key that is not.
 */
export function checked<T extends TObject>(schema: T, value: unknown): Static<T> {
  if (Value.Check(schema, value)) return value as Static<T>;
  const [error] = Value.Errors(schema, value);
  const path = error?.instancePath ?? "";
  const key = path.slice(1).split("/")[0] ?? "";
  const { description } = (schema.properties[key] ?? {}) as { description?: string };
  if (key === "")
    throw new UsageError(`expected the document ${error?.message.replace(/^must /, "to ")}, got ${shown(value)}`);
  const wanted = description === undefined ? error?.message.replace(/^must /, "to ") : `to be ${description}`;
  throw new UsageError(`expected ${key} ${wanted}, got ${shown((value as Record<string, unknown>)[key])}`);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

/**
 * The keywords of JSON Schema that are kept, those that say nothing about a document, and why others are refused. A keyword that is in none of
 * these lists is refused by name: a constraint that is not there must not be believed in.
 *
 * @see https://json-schema.org/draft/2020-12
 */

import { child, schemaError, shown } from "./schemaError.ts";

/** A schema and where it stands. */
export interface Located {
  readonly schema: unknown;
  readonly pointer: string;
}

/** An object of keywords. */
export type Keywords = Readonly<Record<string, unknown>>;

const kept = new Set([
  "$ref", "allOf", "anyOf", "oneOf", "type", "enum", "const",
  "properties", "required", "additionalProperties", "items", "prefixItems", "additionalItems", "minItems", "maxItems",
  "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
]); // prettier-ignore

const ignored = new Set([
  "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "example", "deprecated", "readOnly",
  "writeOnly",
]); // prettier-ignore

const refused: ReadonlyMap<string, string> = new Map([
  ["multipleOf", "which is not supported; say what it means in the description"],
  ["uniqueItems", "which is not supported, unless it is false"],
  ["not", "which is not supported"],
  ["if", "which is not supported; use anyOf"],
  ["contains", "which is not supported"],
  ["patternProperties", "which is not supported; use properties or additionalProperties"],
  ["propertyNames", "which is not supported"],
  ["minProperties", "which is not supported; use required"],
  ["maxProperties", "which is not supported"],
  ["dependentRequired", "which is not supported; use anyOf"],
  ["dependentSchemas", "which is not supported; use anyOf"],
  ["unevaluatedProperties", "which is not supported; use additionalProperties"],
  ["unevaluatedItems", "which is not supported; use items"],
]);

/**
 * Checks the keywords of a schema.
 *
 * @returns The keywords that are there, `true` for a schema that allows everything, `false` for one that allows nothing.
 * @throws RangeError naming one that is not supported.
 */
export function keywordsOf({ schema, pointer }: Located): Keywords | boolean {
  if (typeof schema === "boolean") return schema;
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw schemaError(pointer, "a schema, which is an object, true or false", shown(schema));
  }
  const keywords = schema as Keywords;
  let isConstrained = false;
  for (const name of Object.keys(keywords)) {
    if (keywords[name] === undefined || ignored.has(name)) continue;
    if (name === "uniqueItems" && keywords[name] === false) continue;
    if (!kept.has(name)) {
      const reason = refused.get(name) ?? "which is unknown";
      throw schemaError(child(pointer, name), "a keyword that can be kept", `${shown(name)}, ${reason}`);
    }
    isConstrained = true;
  }
  return isConstrained ? keywords : true;
}

/** A keyword's value, if there is one. */
export function valueOf(keywords: Keywords, name: string): unknown {
  return Object.hasOwn(keywords, name) ? keywords[name] : undefined;
}

/** A keyword's list of schemas, if there is one. */
export function schemasOf(keywords: Keywords, pointer: string, name: string): Located[] | undefined {
  const value = valueOf(keywords, name);
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length === 0) {
    throw schemaError(child(pointer, name), "an array of schemas", Array.isArray(value) ? "none" : shown(value));
  }
  return value.map((schema: unknown, i) => ({ schema, pointer: child(child(pointer, name), i) }));
}

/** A keyword's schema, if there is one. */
export function schemaOf(keywords: Keywords, pointer: string, name: string): Located | undefined {
  const schema = valueOf(keywords, name);
  return schema === undefined ? undefined : { schema, pointer: child(pointer, name) };
}

/** A keyword's whole number from 0 on, if there is one. */
export function countOf(keywords: Keywords, pointer: string, name: string, most: number): number | undefined {
  const value = valueOf(keywords, name);
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || (value as number) < 0) {
    throw schemaError(child(pointer, name), "a whole number from 0", shown(value));
  }
  if ((value as number) > most) throw schemaError(child(pointer, name), `at most ${most}`, shown(value));
  return value as number;
}

/** A keyword's number, if there is one. */
export function numberOf(keywords: Keywords, pointer: string, name: string): number | undefined {
  const value = valueOf(keywords, name);
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw schemaError(child(pointer, name), "a number", shown(value));
  }
  return value;
}

/** A keyword's text, if there is one. */
export function stringOf(keywords: Keywords, pointer: string, name: string): string | undefined {
  const value = valueOf(keywords, name);
  if (value === undefined || typeof value === "string") return value;
  throw schemaError(child(pointer, name), "a string", shown(value));
}

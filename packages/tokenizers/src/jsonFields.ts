/**
 * Checks on the fields of a parsed `tokenizer.json`, each with a message that names the field, what was expected and
 * what was found.
 */

import { describe } from "./describe.ts";

/** A parsed JSON object of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The own field of an object, or `undefined`: inherited names such as "constructor" are no fields. */
export function field(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Requires an object. */
export function expectObject(name: string, value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongType(name, "an object", value);
  return value as JsonObject;
}

/** Requires an array. */
export function expectArray(name: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongType(name, "an array", value);
  return value;
}

/** Requires a string. */
export function expectString(name: string, value: unknown): string {
  if (typeof value !== "string") throw wrongType(name, "a string", value);
  return value;
}

/** Requires a number that can be a token id. */
export function expectId(name: string, value: unknown): number {
  if (typeof value !== "number") throw wrongType(name, "an id", value);
  if (!Number.isSafeInteger(value) || value < 0) throw unsupported(name, "an integer from 0 on", value);
  return value;
}

/** Requires one of a few plain values; `undefined` among them lets the field be absent. */
export function expectOneOf(name: string, value: unknown, accepted: readonly unknown[]): void {
  if (accepted.includes(value)) return;
  const expected = accepted
    .filter((one) => one !== undefined)
    .map(describe)
    .join(" or ");
  if (accepted.some((one) => typeof one === typeof value && one !== null && value !== null)) {
    throw unsupported(name, expected, value);
  }
  throw wrongType(name, expected, value);
}

/** Requires a component that is absent. */
export function expectNull(name: string, value: unknown): void {
  if (value === undefined || value === null) return;
  throw unsupported(name, "null", typeOf(value) ?? value);
}

/** Requires a component of a given type and returns it. */
export function expectComponent(name: string, value: unknown, type: string): JsonObject {
  if (value === undefined || value === null) throw unsupported(name, `type ${describe(type)}`, value);
  const component = expectObject(name, value);
  const found = expectString(`${name}.type`, field(component, "type"));
  if (found !== type) throw unsupported(`${name}.type`, describe(type), found);
  return component;
}

/** The error for a value of the right type that cannot be obeyed. */
export function unsupported(name: string, expected: string, value: unknown): RangeError {
  return new RangeError(`tokenizerFromJSON: expected ${name} to be ${expected}, got ${describe(value)}`);
}

function wrongType(name: string, expected: string, value: unknown): TypeError {
  return new TypeError(`tokenizerFromJSON: expected ${name} to be ${expected}, got ${describe(value)}`);
}

function typeOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? field(value as JsonObject, "type") : undefined;
}

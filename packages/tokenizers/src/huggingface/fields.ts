/**
 * Reads the fields of a parsed `tokenizer.json`, which is foreign: every value is checked, and an error names its path in the document.
 */

import { describe } from "../describe.ts";

/** An object of the document. */
export class Fields {
  /** Where it stands, such as `model` or `normalizer.normalizers[1]`. */
  readonly path: string;
  readonly #object: Readonly<Record<string, unknown>>;

  /** @throws TypeError if `value` is not an object. */
  constructor(path: string, value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw wrongType(path, "an object", value);
    }
    this.path = path;
    this.#object = value as Readonly<Record<string, unknown>>;
  }

  /** The object itself. */
  get json(): Readonly<Record<string, unknown>> {
    return this.#object;
  }

  /** The path of a field. */
  pathOf(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  /** The value of a field; `undefined` where it is absent or null. */
  value(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? undefined) : undefined;
  }

  string(name: string, fallback?: string): string {
    const value = this.value(name) ?? fallback;
    if (typeof value !== "string") throw wrongType(this.pathOf(name), "a string", value);
    return value;
  }

  optionalString(name: string): string | undefined {
    return this.value(name) === undefined ? undefined : this.string(name);
  }

  /** A string of one character. */
  character(name: string): string {
    const value = this.string(name);
    if (value.length === 0 || value.length > (value.codePointAt(0)! > 0xffff ? 2 : 1)) {
      throw outOfRange(this.pathOf(name), "one character", value);
    }
    return value;
  }

  boolean(name: string, fallback?: boolean): boolean {
    const value = this.value(name) ?? fallback;
    if (typeof value !== "boolean") throw wrongType(this.pathOf(name), "true or false", value);
    return value;
  }

  /** An integer from 0 to `max`. */
  count(name: string, max: number, fallback?: number): number {
    return toCount(this.pathOf(name), this.value(name) ?? fallback, max);
  }

  number(name: string): number {
    const value = this.value(name);
    if (typeof value !== "number") throw wrongType(this.pathOf(name), "a number", value);
    return value;
  }

  /** One of a few strings. */
  oneOf<T extends string>(name: string, accepted: readonly T[], fallback?: T): T {
    const value = this.string(name, fallback);
    const found = accepted.find((one) => one === value);
    if (found !== undefined) return found;
    throw outOfRange(this.pathOf(name), accepted.map(describe).join(" or "), value);
  }

  array(name: string): readonly unknown[] {
    const value = this.value(name);
    if (!Array.isArray(value)) throw wrongType(this.pathOf(name), "an array", value);
    // Without holes, over which loops would step.
    return Array.from(value as unknown[]);
  }

  object(name: string): Fields {
    return new Fields(this.pathOf(name), this.value(name));
  }

  optionalObject(name: string): Fields | undefined {
    return this.value(name) === undefined ? undefined : this.object(name);
  }

  objects(name: string): Fields[] {
    return this.array(name).map((one, i) => new Fields(`${this.pathOf(name)}[${i}]`, one));
  }

  /** The error for a field whose value cannot be obeyed. */
  error(name: string, expected: string): RangeError {
    return outOfRange(this.pathOf(name), expected, this.value(name));
  }
}

/** Requires an integer from 0 to `max`. */
export function toCount(path: string, value: unknown, max: number): number {
  if (typeof value !== "number") throw wrongType(path, "an integer", value);
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw outOfRange(path, `an integer from 0 to ${max}`, value);
  }
  return value;
}

/** The error for a value of the right type that cannot be obeyed. */
export function outOfRange(path: string, expected: string, value: unknown): RangeError {
  return new RangeError(`Tokenizer.fromJSON: expected ${path} to be ${expected}, got ${describe(value)}`);
}

/** The error for a value of the wrong type. */
export function wrongType(path: string, expected: string, value: unknown): TypeError {
  return new TypeError(`Tokenizer.fromJSON: expected ${path} to be ${expected}, got ${describe(value)}`);
}

/**
 * Errors of schemas: they name the place as a JSON pointer.
 */

/** An error of a place in a schema. */
export function schemaError(pointer: string, expected: string, got: string): RangeError {
  return new RangeError(`compileJsonSchema: expected ${expected}, got ${got} at ${pointer}`);
}

/** A value as errors show it: short, whatever a stranger sends. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The pointer of a member. */
export function child(pointer: string, name: string | number): string {
  return `${pointer}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`.slice(0, 500);
}

/**
 * How values appear in error messages: short whatever their size, and without running their code.
 */

/**
 * Describes a value for an error message.
 *
 * @param value - Anything.
 * @returns At most some 60 characters: strings quoted and cut, arrays and objects by their kind.
 */
export function describe(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return "a bigint";
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") return "an object";
  return typeof value === "undefined" ? "nothing" : `a ${typeof value}`;
}

/** Quotes a string for an error message as JSON does, cut after 40 UTF-16 units. */
export function quote(text: string): string {
  return text.length <= 40 ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 40))}...`;
}

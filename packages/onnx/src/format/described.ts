/** What a file or a caller gave, for error messages: on one line and short, however long or odd it is. */

/** A text is quoted and cut, of a list the first items are shown, of other objects the name of their class. */
export function described(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value);
  if (Array.isArray(value)) return `[${value.slice(0, 16).join(", ")}${value.length > 16 ? ", ..." : ""}]`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null) return value.constructor?.name ?? "an object";
  return String(value);
}

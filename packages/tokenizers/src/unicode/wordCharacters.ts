/**
 * What `\w` means to Rust's `regex` crate: letters and all else alphabetic, marks, decimal digits, connectors such as the underscore, and
 * the joiners.
 *
 * @see Unicode Technical Standard #18, Annex C
 */

const word = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** Whether a character can be in a word. */
export function isWordCharacter(point: number): boolean {
  return word.test(String.fromCodePoint(point));
}

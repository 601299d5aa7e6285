/**
 * Code points of texts that may be ill-formed or cut anywhere.
 */

import { describe } from "./describe.ts";

/** Whether a value is a string of exactly one code point that UTF-8 can hold, so no lone surrogate. */
export function isSingleCharacter(value: string): boolean {
  if (typeof value !== "string" || value.length < 1 || value.length > 2) return false;
  const codePoint = value.codePointAt(0)!;
  return value.length === 2 ? codePoint > 0xffff : codePoint < 0xd800 || codePoint > 0xdfff;
}

/**
 * Collects the distinct code points of a text. A lone surrogate counts as U+FFFD; a surrogate pair that is cut between
 * two pieces is joined.
 *
 * @param caller - Name of the public function, which begins the message.
 * @param text - A text, or its pieces in order.
 * @returns The distinct code points, in no particular order.
 * @throws TypeError if `text` is neither a string nor an iterable of strings.
 */
export function codePointsOf(caller: string, text: string | Iterable<string>): Set<number> {
  const pieces = typeof text === "string" ? [text] : text;
  if (typeof pieces?.[Symbol.iterator] !== "function") {
    throw new TypeError(`${caller}: expected a string or an iterable of strings, got ${describe(text)}`);
  }
  const units = new Uint8Array(0xd800);
  const others = new Set<number>();
  let held = "";
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      throw new TypeError(`${caller}: expected an iterable of strings, got ${describe(piece)} in it`);
    }
    held = collect(held + piece, units, others);
  }
  if (held !== "") others.add(0xfffd);
  units.forEach((seen, unit) => {
    if (seen === 1) others.add(unit);
  });
  return others;
}

/** Marks the code points of a piece; returns its last unit if that is a high surrogate, which may go on in the next. */
function collect(piece: string, units: Uint8Array, others: Set<number>): string {
  for (let i = 0; i < piece.length; i++) {
    const unit = piece.charCodeAt(i);
    if (unit < 0xd800) {
      units[unit] = 1;
      continue;
    }
    const codePoint = piece.codePointAt(i)!;
    if (codePoint > 0xffff) i++;
    else if (unit < 0xdc00 && i === piece.length - 1) return piece.slice(i);
    others.add(codePoint < 0xe000 ? 0xfffd : codePoint);
  }
  return "";
}

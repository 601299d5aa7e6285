/**
 * Characters in UTF-8: their sizes, and what patterns tell them apart by.
 */

import { characterClasses, SPACE } from "../unicode/characterClasses.ts";

/** Bytes of a character by its first one. */
export function sizeOf(lead: number): number {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** The code point that begins at a place of well-formed UTF-8. */
export function codePointAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at];
  if (lead < 0x80) return lead;
  const second = bytes[at + 1] & 63;
  if (lead < 0xe0) return ((lead & 31) << 6) | second;
  const third = bytes[at + 2] & 63;
  if (lead < 0xf0) return ((lead & 15) << 12) | (second << 6) | third;
  return ((lead & 7) << 18) | (second << 12) | (third << 6) | (bytes[at + 3] & 63);
}

/** The characters that patterns name one by one. */
const NAMED: ReadonlySet<number> = new Set(Array.from(" '/\n\r", (character) => character.charCodeAt(0)));

/** A number that two characters share if patterns treat them alike: that of the class, or the character's own. */
export function kindAt(bytes: Uint8Array, at: number): number {
  const point = codePointAt(bytes, at);
  return NAMED.has(point) ? -point : characterClasses()[point];
}

/** Where the white space begins that ends at `end`, not before `start`; `end` where there is none. */
export function whiteSpaceStart(bytes: Uint8Array, start: number, end: number): number {
  const classes = characterClasses();
  let place = end;
  while (place > start) {
    let at = place - 1;
    while ((bytes[at] & 0xc0) === 0x80) at--;
    if ((classes[codePointAt(bytes, at)] & SPACE) === 0) break;
    place = at;
  }
  return place;
}

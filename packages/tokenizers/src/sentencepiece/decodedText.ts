/**
 * A decoded text in full: which part of it each piece became.
 */

import type { OffsetUnit } from "../textOffsets.ts";

/** A text and the pieces it was made of; the three arrays are equally long. */
export interface DecodedText {
  readonly text: string;
  readonly pieces: readonly string[];
  /** Where each piece's part of the text begins, in the unit that was asked for. */
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** Where it ends. A piece that gave no text, such as `<s>`, ends where it begins. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** Where the parts of a text begin and end, which follow each other. */
export function boundariesOf(
  parts: readonly string[],
  unit: OffsetUnit,
): { readonly offsets: Uint32Array<ArrayBuffer>; readonly ends: Uint32Array<ArrayBuffer> } {
  const offsets = new Uint32Array(parts.length);
  const ends = new Uint32Array(parts.length);
  let at = 0;
  parts.forEach((part, index) => {
    offsets[index] = at;
    at += unit === "utf16" ? part.length : lengthIn(part, unit);
    ends[index] = at;
  });
  return { offsets, ends };
}

/** Length of a well-formed text. */
function lengthIn(text: string, unit: "codepoint" | "byte"): number {
  let length = 0;
  for (const character of text) {
    if (unit === "codepoint") length++;
    else length += byteLength(character.codePointAt(0)!);
  }
  return length;
}

function byteLength(codePoint: number): number {
  return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
}

/**
 * Where tokens stand in a text, for tokens that are bytes: a token may begin or end inside a character, and then covers the whole of it.
 */

import { checkUnit, type OffsetUnit } from "./textOffsets.ts";

/** The places of tokens in a text. */
export interface TokenOffsets {
  /** Where each token begins: the first character that it has bytes of. */
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** Where each token ends: after the last character that it has bytes of. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

/**
 * The places of tokens that lie one after another.
 *
 * @param caller - Name of the public function, which begins the message.
 * @param bytes - The text in valid UTF-8: the bytes of all tokens.
 * @param lengths - Bytes of each token.
 * @throws RangeError if there is no such unit, or a pattern of one's own has left out text.
 */
export function tokenOffsets(
  caller: string,
  bytes: Uint8Array,
  lengths: ArrayLike<number>,
  unit: OffsetUnit,
): TokenOffsets {
  checkUnit(caller, unit);
  const offsets = new Uint32Array(lengths.length);
  const ends = new Uint32Array(lengths.length);
  /** Units up to the end of the character under way, and those of that character. */
  let passed = 0;
  let character = 0;
  let start = 0;
  for (let token = 0; token < lengths.length; token++) {
    const end = start + (lengths[token] as number);
    const isInside = ((bytes[start] ?? 0) & 0xc0) === 0x80;
    offsets[token] = unit === "byte" ? start : isInside ? passed - character : passed;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if ((byte & 0xc0) === 0x80) continue;
      character = unit === "utf16" && byte >= 0xf0 ? 2 : 1;
      passed += character;
    }
    ends[token] = unit === "byte" ? end : passed;
    start = end;
  }
  if (start < bytes.length) {
    const rest = bytes.length - start;
    throw new RangeError(
      `${caller}: expected a text that the pattern matches all of, got ${rest} bytes that it leaves out; add |. to it`,
    );
  }
  return { offsets, ends };
}

/**
 * Where tokens stand in a text that they make up without gaps.
 */

import type { PlacedTokens, PlaceUnit } from "./textTokenizer.ts";

/**
 * The places of tokens that follow one another.
 *
 * @param lengths - Bytes of each token in the text's UTF-8.
 */
export function placesOf(
  text: string,
  lengths: ArrayLike<number>,
  unit: PlaceUnit,
): Pick<PlacedTokens, "starts" | "ends"> {
  const bytes = Buffer.from(text);
  const starts = new Uint32Array(lengths.length);
  const ends = new Uint32Array(lengths.length);
  let byte = 0;
  /** Units before the character under way, and after it. */
  let before = 0;
  let after = 0;
  for (let token = 0; token < lengths.length; token++) {
    const end = byte + lengths[token];
    if (unit === "byte") {
      starts[token] = byte;
      ends[token] = end;
      byte = end;
      continue;
    }
    starts[token] = isContinuation(bytes[byte]) ? before : after;
    for (; byte < end; byte++) {
      if (isContinuation(bytes[byte])) continue;
      before = after;
      after += unit === "utf16" && bytes[byte] >= 0xf0 ? 2 : 1;
    }
    ends[token] = after;
  }
  return { starts, ends };
}

/** Whether a byte of UTF-8 goes on with a character that has begun. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/**
 * The pieces that a splitter of bytes cuts a text into, as places in UTF-16.
 */

import { type ByteSplitter, PADDING } from "../splitting/byteSplitter.ts";
import { encodeUtf8Into } from "../utf8.ts";

/** Larger scratch is not kept. */
const KEPT = 1 << 22;
let scratch = new Uint8Array(1 << 12);

/** Start and end of each piece, one after the other; they cover the text. */
export function piecesOf(split: ByteSplitter, text: string): number[] {
  const needed = 3 * text.length + PADDING;
  const bytes = needed <= scratch.length ? scratch : new Uint8Array(2 * needed);
  if (bytes.length <= KEPT) scratch = bytes;
  const end = encodeUtf8Into(text, bytes);
  bytes.fill(0, end, end + PADDING);
  const pieces: number[] = [];
  let unit = 0;
  for (let start = 0; start < end;) {
    const stop = split(bytes, start, end);
    pieces.push(unit);
    for (; start < stop; start++) {
      const byte = bytes[start];
      if ((byte & 0xc0) !== 0x80) unit += byte >= 0xf0 ? 2 : 1;
    }
    pieces.push(unit);
  }
  return pieces;
}

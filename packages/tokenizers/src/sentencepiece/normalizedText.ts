/**
 * A normalized text in full: which place of the text each of its places comes from.
 */

import { type OffsetUnit, OffsetCursor } from "../textOffsets.ts";
import { utf8Decoder } from "../utf8.ts";
import type { Normalizer } from "./normalizer.ts";
import { characterLength } from "./segments.ts";

/** A text as a model sees it. */
export interface NormalizedText {
  readonly normalized: string;
  /** For each place of `normalized` and for its end, the place in the text that it comes from; both in one unit. */
  readonly offsets: Uint32Array<ArrayBuffer>;
}

const utf8 = utf8Decoder();

/** What a normalizer has just made of a text, origins included. */
export function normalizedTextOf(
  text: string,
  { bytes, length, origins }: Normalizer,
  unit: OffsetUnit,
): NormalizedText {
  const cursor = new OffsetCursor(text, unit);
  const offsets: number[] = [];
  for (let at = 0; at < length;) {
    const size = Math.min(length - at, characterLength(bytes[at]));
    const places = unit === "byte" ? size : unit === "utf16" && size === 4 ? 2 : 1;
    const origin = cursor.advance(origins[at]);
    for (let i = 0; i < places; i++) offsets.push(origin);
    at += size;
  }
  offsets.push(cursor.advance(origins[length]));
  return { normalized: utf8.decode(bytes.subarray(0, length)), offsets: Uint32Array.from(offsets) };
}

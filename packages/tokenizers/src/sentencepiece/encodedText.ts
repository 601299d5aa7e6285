/**
 * An encoded text in full: besides the ids, how each piece is spelled and which part of the text it stands for.
 */

import { type OffsetUnit, OffsetCursor } from "../textOffsets.ts";
import { utf8Decoder } from "../utf8.ts";
import type { Normalizer } from "./normalizer.ts";
import type { Segments } from "./segments.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** The pieces of a text in order; the four arrays are equally long. */
export interface EncodedText {
  readonly ids: Uint32Array<ArrayBuffer>;
  /** The pieces; an unknown one is spelled as the (normalized) text it stands for. */
  readonly pieces: readonly string[];
  /** Where in the text each piece begins, in the unit that was asked for. */
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** Where it ends. A piece that stands for no text, such as `<s>`, ends where it begins. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** How to make an {@link EncodedText} of segments. */
export interface EncodedTextOptions {
  readonly unit: OffsetUnit;
  /** Ids of the pieces to put before and behind; -1 for none. */
  readonly first: number;
  readonly last: number;
  readonly reverse: boolean;
  /** Whether an unknown piece is spelled as the model's unknown piece. */
  readonly emitUnkPiece: boolean;
}

const utf8 = utf8Decoder();

/**
 * Ids, pieces and offsets of segments, as `SentencePieceText` has them: a run of unknown segments is one piece; under
 * byte fallback an unknown segment is one piece a byte, of which the last has the whole extent and the others none.
 *
 * @param text - The text.
 * @param normalizer - What it was normalized with, origins included.
 */
export function encodedTextOf(
  text: string,
  { ids, ends, count }: Segments,
  normalizer: Normalizer,
  { pieces: spellings, unkId, byteIds }: Vocabulary,
  options: EncodedTextOptions,
): EncodedText {
  const { bytes, origins } = normalizer;
  const cursor = new OffsetCursor(text, options.unit);
  const result = { ids: [] as number[], pieces: [] as string[], offsets: [] as number[], ends: [] as number[] };
  const push = (id: number, piece: string, start: number, end: number) => {
    result.ids.push(id);
    result.pieces.push(piece);
    result.offsets.push(start);
    result.ends.push(end);
  };
  for (let i = 0, from = 0; i < count; i++) {
    const id = ids[i];
    let to = ends[i];
    const start = cursor.advance(origins[from]);
    if (id !== unkId) push(id, spellings[id], start, cursor.advance(origins[to]));
    else if (byteIds === undefined) {
      while (i + 1 < count && ids[i + 1] === unkId) to = ends[++i];
      const piece = options.emitUnkPiece ? spellings[unkId] : utf8.decode(bytes.subarray(from, to));
      push(id, piece, start, cursor.advance(origins[to]));
    } else {
      for (let at = from; at < to; at++) {
        const byteId = byteIds[bytes[at]];
        push(byteId, spellings[byteId], start, at + 1 < to ? start : cursor.advance(origins[to]));
      }
    }
    from = to;
  }
  if (options.reverse) for (const values of Object.values(result)) values.reverse();
  if (options.first >= 0) {
    for (const values of [result.offsets, result.ends]) values.unshift(0);
    result.ids.unshift(options.first);
    result.pieces.unshift(spellings[options.first]);
  }
  if (options.last >= 0) {
    const end = cursor.advance(normalizer.textLength);
    push(options.last, spellings[options.last], end, end);
  }
  return {
    ids: Uint32Array.from(result.ids),
    pieces: result.pieces,
    offsets: Uint32Array.from(result.offsets),
    ends: Uint32Array.from(result.ends),
  };
}

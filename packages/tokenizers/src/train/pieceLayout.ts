/**
 * Counted pieces as merging needs them: the ids of all their bytes one after the other, with a mark between pieces, and at each place how
 * often its piece occurs. It is what limits how much text can be learnt from, so numbers take as few bytes as they can.
 */

import { byteSymbols } from "../byteAlphabet.ts";
import type { CountedPieces } from "./pieceCounts.ts";

/** The byte of each of the first 256 ids, which are in the order of GPT-2's alphabet, as in OpenAI's vocabularies. */
export const bytesById: readonly number[] = byteSymbols
  .map((symbol, byte) => ({ symbol, byte }))
  .toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
  .map(({ byte }) => byte);

/** Pieces, the frequent ones first. */
export interface PieceLayout {
  /** Ids; before, between and after the pieces stands {@link PieceLayout.none}. */
  readonly symbols: Uint16Array | Int32Array;
  readonly none: number;
  /** How often the piece at a place occurs, for places below the length of `often`. */
  readonly often: Float64Array;
  /** The same for the other places, from the first of them on. */
  readonly seldom: Uint8Array;
}

/** A piece that occurs more often is a frequent one. */
const SELDOM = 255;

/**
 * Lays out the pieces of two bytes and more.
 *
 * @param ids - Number of ids that there will be.
 */
export function layOut(pieces: CountedPieces, ids: number): PieceLayout {
  const often = bytesOf(pieces, true);
  const seldom = bytesOf(pieces, false);
  const length = 1 + often + seldom;
  const isSmall = Math.min(ids, length + 256) <= 0xffff;
  const none = isSmall ? 0xffff : -1;
  const symbols = (isSmall ? new Uint16Array(length) : new Int32Array(length)).fill(none);
  const layout = { symbols, none, often: new Float64Array(1 + often), seldom: new Uint8Array(seldom) };
  place(pieces, true, layout, 1);
  place(pieces, false, layout, 1 + often);
  return layout;
}

/** Bytes of the pieces that are frequent, or that are not, with the marks after them. */
function bytesOf({ size, offsets, counts }: CountedPieces, isOften: boolean): number {
  let sum = 0;
  for (let piece = 0; piece < size; piece++) {
    const length = (offsets[piece + 1] as number) - (offsets[piece] as number);
    if (length > 1 && (counts[piece] as number) > SELDOM === isOften) sum += length + 1;
  }
  return sum;
}

function place(pieces: CountedPieces, isOften: boolean, layout: PieceLayout, at: number): void {
  const { size, offsets, bytes, counts } = pieces;
  const { symbols, often, seldom } = layout;
  const idOf = new Uint8Array(256);
  bytesById.forEach((byte, id) => (idOf[byte] = id));
  for (let piece = 0; piece < size; piece++) {
    const start = offsets[piece] as number;
    const stop = offsets[piece + 1] as number;
    const count = counts[piece] as number;
    if (stop - start < 2 || count > SELDOM !== isOften) continue;
    if (isOften) often.fill(count, at, at + stop - start);
    else seldom.fill(count, at - often.length, at - often.length + stop - start);
    for (let from = start; from < stop; from++) symbols[at++] = idOf[bytes[from] as number] as number;
    at++;
  }
}

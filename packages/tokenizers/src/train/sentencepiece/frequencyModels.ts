/**
 * Word and char models: the most frequent words or characters are the pieces, with the logarithm of their share as score.
 *
 * Follows `word_model_trainer.cc` and `char_model_trainer.cc` of SentencePiece.
 */

import type { CountedCharacter } from "./alphabet.ts";
import type { LearnedPiece } from "./assembleModel.ts";
import { UNKNOWN } from "./pieceRule.ts";
import { spell, type TrainingText } from "./trainingText.ts";

/** At most `limit` words. */
export function wordPieces({ points, starts, counts, size }: TrainingText, limit: number): LearnedPiece[] {
  let total = 0;
  for (const count of counts) total += count;
  const pieces: LearnedPiece[] = [];
  for (let word = 0; word < size && pieces.length < limit; word++) {
    if (points.subarray(starts[word], starts[word + 1]).includes(UNKNOWN)) continue;
    pieces.push({ piece: spell(points, starts[word], starts[word + 1]), score: logShare(counts[word], total) });
  }
  return pieces;
}

/** At most `limit` characters. */
export function characterPieces(alphabet: readonly CountedCharacter[], limit: number): LearnedPiece[] {
  let total = 0;
  for (const { count } of alphabet) total += count;
  return alphabet
    .slice(0, Math.min(limit, alphabet.length))
    .map(({ point, count }) => ({ piece: String.fromCodePoint(point), score: logShare(count, total) }));
}

function logShare(count: number, total: number): number {
  return Math.fround(logarithm(count) - logarithm(total));
}

/** In single precision. */
function logarithm(value: number): number {
  return Math.fround(Math.log(Math.fround(value)));
}

/**
 * Which strings may become pieces: not too long, of one script, with the space mark only at their beginning.
 *
 * Follows `IsValidSentencePiece` of SentencePiece's `trainer_interface.cc`.
 */

import { INHERITED, unicodeScripts } from "./unicodeScripts.ts";

/** The space mark, U+2581. */
export const SPACE_MARK = 0x2581;
/** Stands in the training text for every character that is to be unknown. */
export const UNKNOWN = 0x2585;
/** Stands in the normalized text for reserved pieces, which never become part of others. */
export const BOUNDARY = 0x09;

/** Any script: that of the characters before the first one that has one. */
const ANY = -1;

/** The settings that a {@link PieceRule} follows; see `SentencePieceTrainingOptions`. */
export interface PieceRuleSettings {
  readonly maxSentencepieceLength: number;
  readonly splitByUnicodeScript: boolean;
  readonly splitByWhitespace: boolean;
  readonly splitByNumber: boolean;
  readonly splitDigits: boolean;
  readonly treatWhitespaceAsSuffix: boolean;
  readonly allowWhitespaceOnlyPieces: boolean;
}

/** Decides for one string after the other. */
export class PieceRule {
  readonly #settings: PieceRuleSettings;
  readonly #scripts = unicodeScripts();

  constructor(settings: PieceRuleSettings) {
    this.#settings = settings;
  }

  /** Whether the code points from `start` to `end` may be a piece. */
  allows(points: Int32Array, start: number, end: number): boolean {
    const { maxSentencepieceLength, splitByUnicodeScript, splitByNumber, splitDigits } = this.#settings;
    const length = end - start;
    if (length === 0 || length > maxSentencepieceLength) return false;
    let before = ANY;
    for (let at = start; at < end; at++) {
      const point = points[at];
      if (point === UNKNOWN || point === BOUNDARY || point === 0 || point === 0x20) return false;
      if (point === SPACE_MARK) {
        if (!this.#allowsSpace(points, start, end, at)) return false;
        continue;
      }
      let script: number = this.#scripts[point];
      if (script === INHERITED) script = before;
      if (isDigit(point)) {
        if (splitDigits && length > 1) return false;
        if (!splitByNumber) script = ANY;
      }
      if (splitByUnicodeScript && script !== ANY && before !== ANY && script !== before) return false;
      before = script;
    }
    return true;
  }

  #allowsSpace(points: Int32Array, start: number, end: number, at: number): boolean {
    const { splitByWhitespace, treatWhitespaceAsSuffix, allowWhitespaceOnlyPieces } = this.#settings;
    if (allowWhitespaceOnlyPieces) {
      let other = start;
      while (other < end && points[other] === SPACE_MARK) other++;
      if (other === end) return true;
    }
    const isFirst = at === start;
    const isLast = at === end - 1;
    if (treatWhitespaceAsSuffix) return isLast || !(splitByWhitespace || isFirst);
    return isFirst || !(splitByWhitespace || isLast);
  }
}

/** ASCII and full-width digits. */
function isDigit(point: number): boolean {
  return (point >= 0x30 && point <= 0x39) || (point >= 0xff10 && point <= 0xff19);
}

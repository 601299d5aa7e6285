/**
 * The pattern of o200k_base, with U = `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`, W = `[\p{Ll}\p{Lm}\p{Lo}\p{M}]` and C an optional contraction in any
 * case: `[^\r\n\p{L}\p{N}]?U*W+C|[^\r\n\p{L}\p{N}]?U+W*C|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`. As cl100k_base, but words
 * break before a capital, hold marks, and take their contraction with them.
 */

import { LETTER, LOWER, MARK, NEWLINE, NUMBER, OTHER_LETTER, SPACE, UPPER } from "../unicode/characterClasses.ts";
import { type ByteClasses, byteClasses, classAt, MULTIBYTE, skipClass, skipOthers, widthOf } from "./byteClasses.ts";
import type { ByteSplitter } from "./byteSplitter.ts";
import {
  APOSTROPHE,
  asciiPiece,
  BLANK,
  contractionInAnyCase,
  newlines,
  SLASH,
  upToTwoNumbers,
  whiteSpace,
} from "./sharedAlternatives.ts";

export function createO200kSplitter(): ByteSplitter {
  const classes = byteClasses();
  const { ascii, points } = classes;
  return (bytes, start, end) => {
    const first = bytes[start] as number;
    // Most pieces by far are an ASCII word, with or without a blank before it: capitals, then small letters.
    let at = first === BLANK ? start + 1 : start;
    let kind = ascii[bytes[at] as number] as number;
    if ((kind & LETTER) !== 0) {
      while ((kind & UPPER) !== 0) kind = ascii[bytes[++at] as number] as number;
      while ((kind & LOWER) !== 0) kind = ascii[bytes[++at] as number] as number;
      if (kind !== MULTIBYTE) return bytes[at] === APOSTROPHE ? contractionInAnyCase(bytes, at) : at;
    }
    const simple = asciiPiece(classes, bytes, start, end, SLASH);
    if (simple > 0) return simple;
    kind = classAt(points, bytes, start);
    const second = start + widthOf(first);
    const word = wordAt(classes, bytes, start, second, end, kind);
    if (word > start) return bytes[word] === APOSTROPHE ? contractionInAnyCase(bytes, word) : word;
    if ((kind & NUMBER) !== 0) return upToTwoNumbers(classes, bytes, second);
    const next = second < end ? classAt(points, bytes, second) : SPACE;
    if ((kind & SPACE) === 0 || (first === BLANK && (next & (SPACE | LETTER | NUMBER)) === 0)) {
      return newlines(bytes, skipOthers(classes, bytes, second, end), SLASH);
    }
    return whiteSpace(classes, bytes, start, end, true);
  };
}

/** The end of the word that starts here or after one leading character, by the first two alternatives; 0 if there is none. */
function wordAt(
  classes: ByteClasses,
  bytes: Uint8Array,
  start: number,
  second: number,
  end: number,
  kind: number,
): number {
  if ((kind & LETTER) !== 0) return cased(classes, bytes, start, false) || cased(classes, bytes, start, true);
  if ((kind & (NUMBER | NEWLINE)) !== 0) return 0;
  const isMark = (kind & MARK) !== 0;
  // The leading character is optional and greedy: with it first, then, if it is a mark, as the first of the word.
  return (
    (second < end && cased(classes, bytes, second, false)) ||
    (isMark && cased(classes, bytes, start, false)) ||
    (second < end && cased(classes, bytes, second, true)) ||
    (isMark && cased(classes, bytes, start, true)) ||
    0
  );
}

/**
 * `U*W+`, or `U+W*` where `upperOnly`; 0 if it does not match. Letters without case and marks are in both classes, so the run of U gives
 * back no more than its capitals at the end.
 */
function cased(classes: ByteClasses, bytes: Uint8Array, start: number, upperOnly: boolean): number {
  const { points } = classes;
  let at = start;
  let lastShared = 0;
  let kind = classAt(points, bytes, at);
  while ((kind & (UPPER | OTHER_LETTER | MARK)) !== 0) {
    at += widthOf(bytes[at] as number);
    if ((kind & UPPER) === 0) lastShared = at;
    kind = classAt(points, bytes, at);
  }
  if ((kind & LOWER) !== 0) return skipClass(classes, bytes, at, LOWER | OTHER_LETTER | MARK);
  if (upperOnly) return at > start ? at : 0;
  return lastShared;
}

/**
 * The pattern of cl100k_base: `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+$|\s*[\r\n]|` and
 * `\s+(?!\S)|\s`: words with one character before them, numbers of up to three digits, other characters with their newlines, white space.
 */

import { LETTER, NEWLINE, NUMBER, SPACE } from "../unicode/characterClasses.ts";
import { byteClasses, classAt, skipClass, skipOthers, widthOf } from "./byteClasses.ts";
import type { ByteSplitter } from "./byteSplitter.ts";
import {
  APOSTROPHE,
  asciiPiece,
  BLANK,
  contractionInAnyCase,
  LINE_FEED,
  newlines,
  upToTwoNumbers,
  whiteSpace,
} from "./sharedAlternatives.ts";

export function createCl100kSplitter(): ByteSplitter {
  const classes = byteClasses();
  const { ascii, points } = classes;
  return (bytes, start, end) => {
    const first = bytes[start] as number;
    // Most pieces by far are an ASCII word, with or without a blank before it.
    const word = first === BLANK ? start + 1 : start;
    if (((ascii[bytes[word] as number] as number) & LETTER) !== 0) return skipClass(classes, bytes, word + 1, LETTER);
    if (first === APOSTROPHE) {
      const after = contractionInAnyCase(bytes, start);
      if (after > start) return after;
    }
    const simple = asciiPiece(classes, bytes, start, end, LINE_FEED);
    if (simple > 0) return simple;
    const kind = classAt(points, bytes, start);
    const second = start + widthOf(first);
    if ((kind & LETTER) !== 0) return skipClass(classes, bytes, second, LETTER);
    if ((kind & NUMBER) !== 0) return upToTwoNumbers(classes, bytes, second);
    const next = second < end ? classAt(points, bytes, second) : SPACE;
    if ((kind & NEWLINE) === 0 && (next & LETTER) !== 0) {
      return skipClass(classes, bytes, second + widthOf(bytes[second] as number), LETTER);
    }
    if ((kind & SPACE) === 0 || (first === BLANK && (next & (SPACE | NUMBER)) === 0)) {
      return newlines(bytes, skipOthers(classes, bytes, second, end), LINE_FEED);
    }
    return whiteSpace(classes, bytes, start, end, true);
  };
}

/** The same with numbers of one digit each, as Qwen has it. */
export function createSingleDigitSplitter(): ByteSplitter {
  const split = createCl100kSplitter();
  const { points } = byteClasses();
  return (bytes, start, end) => {
    const isNumber = (classAt(points, bytes, start) & NUMBER) !== 0;
    return isNumber ? start + widthOf(bytes[start] as number) : split(bytes, start, end);
  };
}

/** The same with all white space at the end of a text as one piece: what `\s++$` before the other alternatives for it does. */
export function joiningSpaceAtEnd(split: ByteSplitter): ByteSplitter {
  const classes = byteClasses();
  return (bytes, start, end) => {
    const stop = split(bytes, start, end);
    const last = bytes[stop - 1] as number;
    if ((last !== 0x0a && last !== 0x0d) || stop === end) return stop;
    return skipClass(classes, bytes, start, SPACE) >= end ? end : stop;
  };
}

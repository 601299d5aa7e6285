/**
 * Where a text can be cut in two so that its pieces are those of the two halves: a long document is read in parts that way, and a file by
 * several threads.
 *
 * The rules hold for all the named patterns at once. None of them looks behind, so what counts is that a piece ends at the cut whatever
 * stands after it, and that no alternative has to look beyond the cut to end there: a word before what neither goes on with a word nor is
 * a contraction, a number before what is none, anything but white space before a blank, and a single line feed after a line.
 */

import { byteClasses, classAt } from "../splitting/byteClasses.ts";
import { LETTER, MARK, NUMBER, SPACE } from "../unicode/characterClasses.ts";

const LINE_FEED = 0x0a;
const BLANK = 0x20;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;

/**
 * The last place above `start` and below `end` where the text can be cut, or -1.
 *
 * @param bytes - Valid UTF-8 from `start` to `end`, with at least 4 bytes after `end`.
 */
export function lastSafeCut(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at > start; at--) if (isSafeCut(bytes, start, at)) return at;
  return -1;
}

/** Whether the text can be cut before the byte at `at`, with the text beginning at or before `start`. */
export function isSafeCut(bytes: Uint8Array, start: number, at: number): boolean {
  const next = bytes[at] as number;
  if (isContinuation(next) || at <= start) return false;
  const { points } = byteClasses();
  const last = characterBefore(bytes, at);
  if (last < start) return false;
  const before = classAt(points, bytes, last);
  const after = classAt(points, bytes, at);
  if ((before & LETTER) !== 0) return (after & (LETTER | MARK)) === 0 && next !== APOSTROPHE;
  if ((before & NUMBER) !== 0) return (after & NUMBER) === 0;
  if ((before & SPACE) === 0) return next === BLANK;
  if (bytes[last] !== LINE_FEED || (after & SPACE) !== 0 || next === SLASH || last === start) return false;
  const line = characterBefore(bytes, last);
  return line >= start && (classAt(points, bytes, line) & SPACE) === 0;
}

/** Where the character before `at` begins. */
function characterBefore(bytes: Uint8Array, at: number): number {
  let first = at - 1;
  while (first > 0 && first > at - 4 && isContinuation(bytes[first] as number)) first--;
  return first;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

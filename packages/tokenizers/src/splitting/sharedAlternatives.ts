/**
 * The alternatives that the patterns have in common: contractions, white space, newlines after punctuation, numbers.
 */

import { LETTER, NEWLINE, NUMBER, SPACE } from "../unicode/characterClasses.ts";
import { type ByteClasses, classAt, MULTIBYTE, skipOthers, widthOf } from "./byteClasses.ts";

export const LINE_FEED = 0x0a;
const RETURN = 0x0d;
export const BLANK = 0x20;
export const APOSTROPHE = 0x27;
export const SLASH = 0x2f;

/** `'(?:[sdmt]|ll|ve|re)` at an apostrophe: its end, or `at` if there is none. */
export function contraction(bytes: Uint8Array, at: number): number {
  const one = bytes[at + 1];
  if (one === 0x73 || one === 0x64 || one === 0x6d || one === 0x74) return at + 2;
  const two = bytes[at + 2];
  const isPair = (one === 0x6c && two === 0x6c) || ((one === 0x76 || one === 0x72) && two === 0x65);
  return isPair ? at + 3 : at;
}

/** As {@link contraction} in any case, which in Unicode includes the long s (U+017F). */
export function contractionInAnyCase(bytes: Uint8Array, at: number): number {
  const one = lowerCase(bytes[at + 1] as number);
  if (one === 0x73 || one === 0x64 || one === 0x6d || one === 0x74) return at + 2;
  const two = bytes[at + 2] as number;
  if (one === 0xc5 && two === 0xbf) return at + 3;
  const last = lowerCase(two);
  const isPair = (one === 0x6c && last === 0x6c) || ((one === 0x76 || one === 0x72) && last === 0x65);
  return isPair ? at + 3 : at;
}

/** `\p{N}{1,3}` after its first number. */
export function upToTwoNumbers({ ascii, points }: ByteClasses, bytes: Uint8Array, at: number): number {
  for (let more = 0; more < 2; more++) {
    const kind = ascii[bytes[at] as number] as number;
    if ((kind & NUMBER) !== 0) at++;
    else if (kind === MULTIBYTE && (classAt(points, bytes, at) & NUMBER) !== 0) at += widthOf(bytes[at] as number);
    else break;
  }
  return at;
}

/** `[\r\n]*`, with one more byte if `other` is one. */
export function newlines(bytes: Uint8Array, at: number, other: number): number {
  while (bytes[at] === LINE_FEED || bytes[at] === RETURN || bytes[at] === other) at++;
  return at;
}

/**
 * The end of a piece that a look at two ASCII characters tells: numbers, others with or without a blank before them, white space; 0 where
 * a letter or a character beyond ASCII makes it a question for the whole pattern.
 *
 * @param other - What {@link newlines} takes besides newlines.
 */
export function asciiPiece(classes: ByteClasses, bytes: Uint8Array, start: number, end: number, other: number): number {
  const { ascii } = classes;
  const first = bytes[start] as number;
  const kind = ascii[first] as number;
  if (kind === MULTIBYTE) return 0;
  if ((kind & NUMBER) !== 0) return upToTwoNumbers(classes, bytes, start + 1);
  const second = start + 1;
  const next = ascii[bytes[second] as number] as number;
  if (next === MULTIBYTE || (next & LETTER) !== 0) return 0;
  if (kind === 0) return newlines(bytes, next === 0 ? skipOthers(classes, bytes, second, end) : second, other);
  if (first === BLANK && next === 0 && second < end) {
    return newlines(bytes, skipOthers(classes, bytes, second + 1, end), other);
  }
  return (kind & SPACE) !== 0 ? whiteSpace(classes, bytes, start, end, true) : 0;
}

/**
 * White space that no earlier alternative took: `\s*[\r\n]+`, where the pattern has it, up to and with the last newline; else
 * all of it at the end of the text; else all but the last, which goes with the next word (`\s+(?!\S)`), or a single one.
 */
export function whiteSpace(
  { ascii, points }: ByteClasses,
  bytes: Uint8Array,
  start: number,
  end: number,
  toNewline: boolean,
): number {
  let at = start;
  let last = start;
  let afterNewline = 0;
  for (;;) {
    let kind = ascii[bytes[at] as number] as number;
    if (kind === MULTIBYTE) kind = classAt(points, bytes, at);
    if ((kind & SPACE) === 0) break;
    last = at;
    at += widthOf(bytes[at] as number);
    if ((kind & NEWLINE) !== 0) afterNewline = at;
  }
  if (toNewline && afterNewline > 0) return afterNewline;
  return at >= end || last === start ? at : last;
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}

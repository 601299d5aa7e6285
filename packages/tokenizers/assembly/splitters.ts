/**
 * The patterns of OpenAI's encodings: src/splitting/{sharedAlternatives,r50kSplitter,cl100kSplitter,o200kSplitter}.ts, compiled. What each
 * alternative is stands there; test/bpe/kernel.test.ts holds the two equal.
 */

import {
  asciiAt,
  byteAt,
  classAt,
  LETTER,
  LOWER,
  MARK,
  MULTIBYTE,
  NEWLINE,
  NUMBER,
  OTHER_LETTER,
  skipClass,
  skipOthers,
  SPACE,
  UPPER,
  widthOf,
} from "./characters";

export const R50K: i32 = 0;
export const CL100K: i32 = 1;
/** As {@link CL100K} with numbers of one digit each. */
export const SINGLE_DIGIT: i32 = 2;
export const O200K: i32 = 3;

const LINE_FEED: i32 = 0x0a;
const RETURN: i32 = 0x0d;
const BLANK: i32 = 0x20;
const APOSTROPHE: i32 = 0x27;
const SLASH: i32 = 0x2f;

/** The end of the piece that begins at `start`, by one of the patterns. */
export function pieceEnd(pattern: i32, start: usize, end: usize): usize {
  if (pattern === O200K) return o200k(start, end);
  if (pattern === R50K) return r50k(start, end);
  if (pattern === SINGLE_DIGIT && (classAt(start) & NUMBER) !== 0) return start + widthOf(byteAt(start));
  return cl100k(start, end);
}

function r50k(start: usize, end: usize): usize {
  const first = byteAt(start);
  const at = first === BLANK ? start + 1 : start;
  if ((asciiAt(at) & LETTER) !== 0) return skipClass(at + 1, LETTER);
  if (first === APOSTROPHE) {
    const after = contraction(start, byteAt(start + 1), byteAt(start + 2));
    if (after > start) return after;
  }
  const kind = at < end ? classAt(at) : SPACE;
  if ((kind & SPACE) !== 0) return whiteSpace(start, end, false);
  const after = at + widthOf(byteAt(at));
  if ((kind & LETTER) !== 0) return skipClass(after, LETTER);
  if ((kind & NUMBER) !== 0) return skipClass(after, NUMBER);
  return skipOthers(after, end);
}

function cl100k(start: usize, end: usize): usize {
  const first = byteAt(start);
  const word = first === BLANK ? start + 1 : start;
  if ((asciiAt(word) & LETTER) !== 0) return skipClass(word + 1, LETTER);
  if (first === APOSTROPHE) {
    const after = contractionInAnyCase(start);
    if (after > start) return after;
  }
  const simple = asciiPiece(start, end, LINE_FEED);
  if (simple > 0) return simple;
  const kind = classAt(start);
  const second = start + widthOf(first);
  if ((kind & LETTER) !== 0) return skipClass(second, LETTER);
  if ((kind & NUMBER) !== 0) return upToTwoNumbers(second);
  const next = second < end ? classAt(second) : SPACE;
  if ((kind & NEWLINE) === 0 && (next & LETTER) !== 0) return skipClass(second + widthOf(byteAt(second)), LETTER);
  if ((kind & SPACE) === 0 || (first === BLANK && (next & (SPACE | NUMBER)) === 0)) {
    return newlines(skipOthers(second, end), LINE_FEED);
  }
  return whiteSpace(start, end, true);
}

function o200k(start: usize, end: usize): usize {
  const first = byteAt(start);
  let at = first === BLANK ? start + 1 : start;
  let kind = asciiAt(at);
  if ((kind & LETTER) !== 0) {
    while ((kind & UPPER) !== 0) kind = asciiAt(++at);
    while ((kind & LOWER) !== 0) kind = asciiAt(++at);
    if (kind !== MULTIBYTE) return byteAt(at) === APOSTROPHE ? contractionInAnyCase(at) : at;
  }
  const simple = asciiPiece(start, end, SLASH);
  if (simple > 0) return simple;
  kind = classAt(start);
  const second = start + widthOf(first);
  const word = wordAt(start, second, end, kind);
  if (word > start) return byteAt(word) === APOSTROPHE ? contractionInAnyCase(word) : word;
  if ((kind & NUMBER) !== 0) return upToTwoNumbers(second);
  const next = second < end ? classAt(second) : SPACE;
  if ((kind & SPACE) === 0 || (first === BLANK && (next & (SPACE | LETTER | NUMBER)) === 0)) {
    return newlines(skipOthers(second, end), SLASH);
  }
  return whiteSpace(start, end, true);
}

/** The end of the word that starts here or after one leading character; 0 if there is none. */
function wordAt(start: usize, second: usize, end: usize, kind: i32): usize {
  if ((kind & LETTER) !== 0) {
    const word = cased(start, false);
    return word > 0 ? word : cased(start, true);
  }
  if ((kind & (NUMBER | NEWLINE)) !== 0) return 0;
  const isMark = (kind & MARK) !== 0;
  for (let upperOnly = 0; upperOnly < 2; upperOnly++) {
    if (second < end) {
      const word = cased(second, upperOnly === 1);
      if (word > 0) return word;
    }
    if (isMark) {
      const word = cased(start, upperOnly === 1);
      if (word > 0) return word;
    }
  }
  return 0;
}

/** `U*W+`, or `U+W*` where `upperOnly`; 0 if it does not match. */
function cased(start: usize, upperOnly: bool): usize {
  let at = start;
  let lastShared: usize = 0;
  let kind = classAt(at);
  while ((kind & (UPPER | OTHER_LETTER | MARK)) !== 0) {
    at += widthOf(byteAt(at));
    if ((kind & UPPER) === 0) lastShared = at;
    kind = classAt(at);
  }
  if ((kind & LOWER) !== 0) return skipClass(at, LOWER | OTHER_LETTER | MARK);
  if (upperOnly) return at > start ? at : 0;
  return lastShared;
}

/** The end of a contraction whose apostrophe is at `at`, or `at` if there is none. */
function contraction(at: usize, one: i32, two: i32): usize {
  if (one === 0x73 || one === 0x64 || one === 0x6d || one === 0x74) return at + 2;
  const isPair = (one === 0x6c && two === 0x6c) || ((one === 0x76 || one === 0x72) && two === 0x65);
  return isPair ? at + 3 : at;
}

function contractionInAnyCase(at: usize): usize {
  const one = byteAt(at + 1);
  const two = byteAt(at + 2);
  // The long s, U+017F.
  if (one === 0xc5 && two === 0xbf) return at + 3;
  return contraction(at, lowerCase(one), lowerCase(two));
}

function lowerCase(byte: i32): i32 {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}

function upToTwoNumbers(at: usize): usize {
  for (let more = 0; more < 2; more++) {
    const kind = asciiAt(at);
    if ((kind & NUMBER) !== 0) at++;
    else if (kind === MULTIBYTE && (classAt(at) & NUMBER) !== 0) at += widthOf(byteAt(at));
    else break;
  }
  return at;
}

function newlines(at: usize, other: i32): usize {
  let byte = byteAt(at);
  while (byte === LINE_FEED || byte === RETURN || byte === other) byte = byteAt(++at);
  return at;
}

function asciiPiece(start: usize, end: usize, other: i32): usize {
  const first = byteAt(start);
  const kind = asciiAt(start);
  if (kind === MULTIBYTE) return 0;
  if ((kind & NUMBER) !== 0) return upToTwoNumbers(start + 1);
  const second = start + 1;
  const next = asciiAt(second);
  if (next === MULTIBYTE || (next & LETTER) !== 0) return 0;
  if (kind === 0) return newlines(next === 0 ? skipOthers(second, end) : second, other);
  if (first === BLANK && next === 0 && second < end) return newlines(skipOthers(second + 1, end), other);
  return (kind & SPACE) !== 0 ? whiteSpace(start, end, true) : 0;
}

function whiteSpace(start: usize, end: usize, toNewline: bool): usize {
  let at = start;
  let last = start;
  let afterNewline: usize = 0;
  while (true) {
    let kind = asciiAt(at);
    if (kind === MULTIBYTE) kind = classAt(at);
    if ((kind & SPACE) === 0) break;
    last = at;
    at += widthOf(byteAt(at));
    if ((kind & NEWLINE) !== 0) afterNewline = at;
  }
  if (toNewline && afterNewline > 0) return afterNewline;
  return at >= end || last === start ? at : last;
}

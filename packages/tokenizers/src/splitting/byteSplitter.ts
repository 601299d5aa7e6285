/**
 * Cuts UTF-8 text into the pieces that byte-level BPE works on, for the patterns of OpenAI's encodings.
 *
 * A splitter does what the regular expression of the same name does, written out by hand: one look at the class of each character,
 * no backtracking, no limit on the length of a run. Each names the alternatives of its pattern in their order.
 */

import {
  characterClasses,
  LETTER,
  LOWER,
  MARK,
  NEWLINE,
  NUMBER,
  OTHER_LETTER,
  SPACE,
  UPPER,
} from "../unicode/characterClasses.ts";

/**
 * The end of the piece that starts at `start`.
 *
 * @param bytes - Valid UTF-8 from `start` to `end`, with at least 8 zero bytes after `end`.
 * @returns An index above `start` and at most `end`; pieces cover the text without gaps.
 */
export type ByteSplitter = (bytes: Uint8Array, start: number, end: number) => number;

/** A splitter of r50k_base, p50k_base and gpt2: `'s`-like endings, ` ?letters`, ` ?numbers`, ` ?others`, white space. */
export function createR50kSplitter(): ByteSplitter {
  const classes = characterClasses();
  return (bytes, start, end) => {
    const first = bytes[start] as number;
    if (first === APOSTROPHE) {
      const after = shortEnding(bytes, start, end);
      if (after > start) return after;
    }
    let at = first === BLANK && start + 1 < end ? start + 1 : start;
    const kind = classOf(classes, bytes, at);
    if ((kind & SPACE) !== 0) return spaces(classes, bytes, start, end, false);
    const mask = kind & LETTER ? LETTER : kind & NUMBER ? NUMBER : 0;
    at += widthOf(bytes[at] as number);
    return mask === 0 ? others(classes, bytes, at, end) : run(classes, bytes, at, end, mask);
  };
}

/** A splitter of cl100k_base: endings in any case, letters after one other character, up to three digits, others, white space. */
export function createCl100kSplitter(): ByteSplitter {
  const classes = characterClasses();
  return (bytes, start, end) => {
    const first = bytes[start] as number;
    if (first === APOSTROPHE) {
      const after = ending(bytes, start, end);
      if (after > start) return after;
    }
    const kind = classOf(classes, bytes, start);
    const second = start + widthOf(first);
    if ((kind & LETTER) !== 0) return run(classes, bytes, second, end, LETTER);
    if ((kind & NUMBER) !== 0) return digits(classes, bytes, second, end);
    const next = second < end ? classOf(classes, bytes, second) : SPACE;
    if ((kind & NEWLINE) === 0 && (next & LETTER) !== 0) {
      return run(classes, bytes, second + widthOf(bytes[second] as number), end, LETTER);
    }
    if ((kind & SPACE) === 0 || (first === BLANK && (next & (SPACE | NUMBER)) === 0)) {
      return newlines(bytes, others(classes, bytes, second, end), end, LINE_FEED);
    }
    return spaces(classes, bytes, start, end, true);
  };
}

/** A splitter of o200k_base: as cl100k_base, but words break before capitals, hold marks, and take their `'s`-like ending with them. */
export function createO200kSplitter(): ByteSplitter {
  const classes = characterClasses();
  return (bytes, start, end) => {
    const first = bytes[start] as number;
    const kind = classOf(classes, bytes, start);
    const second = start + widthOf(first);
    const word = wordAt(classes, bytes, start, second, end, kind);
    if (word > start) return bytes[word] === APOSTROPHE && word < end ? ending(bytes, word, end) : word;
    if ((kind & NUMBER) !== 0) return digits(classes, bytes, second, end);
    const next = second < end ? classOf(classes, bytes, second) : SPACE;
    if ((kind & SPACE) === 0 || (first === BLANK && (next & (SPACE | LETTER | NUMBER)) === 0)) {
      return newlines(bytes, others(classes, bytes, second, end), end, SLASH);
    }
    return spaces(classes, bytes, start, end, true);
  };
}

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const BLANK = 0x20;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;

/** The end of the word that starts here or after one leading character, by o200k's first two alternatives; -1 if there is none. */
function wordAt(
  classes: Uint8Array,
  bytes: Uint8Array,
  start: number,
  second: number,
  end: number,
  kind: number,
): number {
  if ((kind & LETTER) !== 0)
    return cased(classes, bytes, start, end, false) || cased(classes, bytes, start, end, true) || -1;
  if ((kind & (NUMBER | NEWLINE)) !== 0) return -1;
  // The leading character is optional and greedy: with it first, then, for a mark, as the first of the word.
  return (
    (second < end && cased(classes, bytes, second, end, false)) ||
    ((kind & MARK) !== 0 && cased(classes, bytes, start, end, false)) ||
    (second < end && cased(classes, bytes, second, end, true)) ||
    ((kind & MARK) !== 0 && cased(classes, bytes, start, end, true)) ||
    -1
  );
}

/**
 * `[upper]*[lower]+`, or `[upper]+[lower]*` where `upperOnly`; 0 if it does not match. Letters without case and marks are in both
 * classes, so the run of upper ones gives back no more than its capitals at the end.
 */
function cased(classes: Uint8Array, bytes: Uint8Array, start: number, end: number, upperOnly: boolean): number {
  let at = start;
  let lastShared = 0;
  let kind = 0;
  while (at < end) {
    kind = classOf(classes, bytes, at);
    if ((kind & (UPPER | OTHER_LETTER | MARK)) === 0) break;
    at += widthOf(bytes[at] as number);
    if ((kind & UPPER) === 0) lastShared = at;
  }
  if (at < end && (kind & LOWER) !== 0) return run(classes, bytes, at, end, LOWER | OTHER_LETTER | MARK);
  if (upperOnly) return at > start ? at : 0;
  return lastShared;
}

/** The first index at or after `at` whose character is outside `mask`. */
function run(classes: Uint8Array, bytes: Uint8Array, at: number, end: number, mask: number): number {
  while (at < end && (classOf(classes, bytes, at) & mask) !== 0) at += widthOf(bytes[at] as number);
  return at;
}

/** After the first, up to two numbers more. */
function digits(classes: Uint8Array, bytes: Uint8Array, at: number, end: number): number {
  for (let more = 0; more < 2 && at < end && (classOf(classes, bytes, at) & NUMBER) !== 0; more++) {
    at += widthOf(bytes[at] as number);
  }
  return at;
}

/** `[^\s\p{L}\p{N}]*` */
function others(classes: Uint8Array, bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (classOf(classes, bytes, at) & (SPACE | LETTER | NUMBER)) === 0)
    at += widthOf(bytes[at] as number);
  return at;
}

/** `[\r\n]*`, or `[\r\n/]*` with the slash as `other`. */
function newlines(bytes: Uint8Array, at: number, end: number, other: number): number {
  while (at < end && (bytes[at] === LINE_FEED || bytes[at] === RETURN || bytes[at] === other)) at++;
  return at;
}

/**
 * White space: up to and with its last newline where the pattern says `\s*[\r\n]+`; else all of it at the end of the text; else all but
 * the last, which goes with the next word (`\s+(?!\S)`), or a single one.
 */
function spaces(classes: Uint8Array, bytes: Uint8Array, start: number, end: number, toNewline: boolean): number {
  let at = start;
  let last = start;
  let afterNewline = 0;
  while (at < end) {
    const kind = classOf(classes, bytes, at);
    if ((kind & SPACE) === 0) break;
    last = at;
    at += widthOf(bytes[at] as number);
    if ((kind & NEWLINE) !== 0) afterNewline = at;
  }
  if (toNewline && afterNewline > 0) return afterNewline;
  return at >= end || last === start ? at : last;
}

/** `'(?:[sdmt]|ll|ve|re)` at an apostrophe: its end, or `at` if there is none. */
function shortEnding(bytes: Uint8Array, at: number, end: number): number {
  const one = at + 1 < end ? bytes[at + 1] : 0;
  if (one === 0x73 || one === 0x64 || one === 0x6d || one === 0x74) return at + 2;
  const two = at + 2 < end ? bytes[at + 2] : 0;
  const isPair = (one === 0x6c && two === 0x6c) || ((one === 0x76 || one === 0x72) && two === 0x65);
  return isPair ? at + 3 : at;
}

/** As {@link shortEnding} in any case, which for Unicode includes the long s (U+017F). */
function ending(bytes: Uint8Array, at: number, end: number): number {
  const one = lowerCase(at + 1 < end ? (bytes[at + 1] as number) : 0);
  if (one === 0x73 || one === 0x64 || one === 0x6d || one === 0x74) return at + 2;
  const two = at + 2 < end ? (bytes[at + 2] as number) : 0;
  if (one === 0xc5 && two === 0xbf) return at + 3;
  const isPair =
    (one === 0x6c && lowerCase(two) === 0x6c) || ((one === 0x76 || one === 0x72) && lowerCase(two) === 0x65);
  return isPair ? at + 3 : at;
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}

function widthOf(byte: number): number {
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

function classOf(classes: Uint8Array, bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return classes[first] as number;
  const second = (bytes[at + 1] as number) & 63;
  if (first < 0xe0) return classes[((first & 31) << 6) | second] as number;
  const third = (bytes[at + 2] as number) & 63;
  if (first < 0xf0) return classes[((first & 15) << 12) | (second << 6) | third] as number;
  return classes[((first & 7) << 18) | (second << 12) | (third << 6) | ((bytes[at + 3] as number) & 63)] as number;
}

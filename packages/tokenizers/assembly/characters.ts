/**
 * Classes of characters in UTF-8 and runs of them: src/splitting/byteClasses.ts, compiled.
 *
 * The text is valid UTF-8 with zero bytes after its end, whose class is none.
 */

import { ASCII, POINTS } from "./memory";

// The bits of src/unicode/characterClasses.ts.
export const UPPER: i32 = 1;
export const LOWER: i32 = 2;
export const OTHER_LETTER: i32 = 4;
export const MARK: i32 = 8;
export const NUMBER: i32 = 16;
export const SPACE: i32 = 32;
export const NEWLINE: i32 = 64;
export const LETTER: i32 = UPPER | LOWER | OTHER_LETTER;
/** The mark of a byte that begins a character of several bytes; no class bit. */
export const MULTIBYTE: i32 = 128;

export function byteAt(at: usize): i32 {
  return load<u8>(at);
}

/** Class bits of an ASCII character, or {@link MULTIBYTE}. */
export function asciiAt(at: usize): i32 {
  return load<u8>(ASCII + load<u8>(at));
}

function classOf(point: i32): i32 {
  return load<u8>(POINTS + point);
}

function twoBytes(first: i32, at: usize): i32 {
  return ((first & 31) << 6) | (byteAt(at + 1) & 63);
}

function threeBytes(first: i32, at: usize): i32 {
  return ((first & 15) << 12) | ((byteAt(at + 1) & 63) << 6) | (byteAt(at + 2) & 63);
}

/** Class bits of a character of any width. */
export function classAt(at: usize): i32 {
  const first = byteAt(at);
  if (first < 0x80) return classOf(first);
  if (first < 0xe0) return classOf(twoBytes(first, at));
  if (first < 0xf0) return classOf(threeBytes(first, at));
  return classOf(
    ((first & 7) << 18) | ((byteAt(at + 1) & 63) << 12) | ((byteAt(at + 2) & 63) << 6) | (byteAt(at + 3) & 63),
  );
}

/** Number of bytes of the character that begins with a byte. */
export function widthOf(byte: i32): i32 {
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/** The first place at or after `at` whose character has no bit of `mask`. */
export function skipClass(at: usize, mask: i32): usize {
  while (true) {
    let kind = asciiAt(at);
    while ((kind & mask) !== 0) kind = asciiAt(++at);
    if (kind !== MULTIBYTE) return at;
    let first = byteAt(at);
    // Two and three bytes one after the other, as in Cyrillic and Han, without going back to the table of bytes.
    while (first >= 0xc0 && first < 0xe0) {
      if ((classOf(twoBytes(first, at)) & mask) === 0) return at;
      at += 2;
      first = byteAt(at);
    }
    while (first >= 0xe0 && first < 0xf0) {
      if ((classOf(threeBytes(first, at)) & mask) === 0) return at;
      at += 3;
      first = byteAt(at);
    }
    if (first < 0xf0) continue;
    if ((classAt(at) & mask) === 0) return at;
    at += 4;
  }
  return at;
}

/** The first place from `at` to `end` whose character is white space, a letter or a number, or `end`. */
export function skipOthers(at: usize, end: usize): usize {
  while (at < end) {
    const kind = asciiAt(at);
    if (kind === 0) at++;
    else if (kind !== MULTIBYTE || (classAt(at) & (SPACE | LETTER | NUMBER)) !== 0) return at;
    else at += widthOf(byteAt(at));
  }
  return at;
}

/**
 * The class of the character at a place in UTF-8, and runs of characters of a class: what all splitters are built of.
 *
 * Text is mostly ASCII, or mostly not, so every run has a tight loop over a table of 256 classes for bytes and leaves it only at a byte of
 * 128 and more, which the table marks. Past the end of the text stand zero bytes, whose class is none: runs of letters and the like need
 * no check for the end.
 */

import { characterClasses, LETTER, NUMBER, SPACE } from "../unicode/characterClasses.ts";

/** The mark of a byte that begins a character of several bytes; no class bit. */
export const MULTIBYTE = 128;

/** The tables that a splitter reads. */
export interface ByteClasses {
  /** Class bits of each ASCII byte; {@link MULTIBYTE} for the others. */
  readonly ascii: Uint8Array;
  /** Class bits of each code point. */
  readonly points: Uint8Array;
}

let tables: ByteClasses | undefined;

/** The tables, built on first use. */
export function byteClasses(): ByteClasses {
  if (tables === undefined) {
    const points = characterClasses();
    const ascii = new Uint8Array(256).fill(MULTIBYTE);
    ascii.set(points.subarray(0, 128));
    tables = { ascii, points };
  }
  return tables;
}

/** Class bits of the character that begins at `at`, of any width. */
export function classAt(points: Uint8Array, bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return points[first] as number;
  const second = (bytes[at + 1] as number) & 63;
  if (first < 0xe0) return points[((first & 31) << 6) | second] as number;
  const third = (bytes[at + 2] as number) & 63;
  if (first < 0xf0) return points[((first & 15) << 12) | (second << 6) | third] as number;
  return points[((first & 7) << 18) | (second << 12) | (third << 6) | ((bytes[at + 3] as number) & 63)] as number;
}

/** Number of bytes of the character that begins with a byte. */
export function widthOf(byte: number): number {
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/** The first place at or after `at` whose character has no bit of `mask`, which must not have the class of a zero byte. */
export function skipClass(classes: ByteClasses, bytes: Uint8Array, at: number, mask: number): number {
  const { ascii, points } = classes;
  for (;;) {
    let kind = ascii[bytes[at] as number] as number;
    while ((kind & mask) !== 0) kind = ascii[bytes[++at] as number] as number;
    if (kind !== MULTIBYTE) return at;
    let first = bytes[at] as number;
    // Two and three bytes one after the other, as in Cyrillic and Han, without going back to the table of bytes.
    while (first >= 0xc0 && first < 0xe0) {
      if (((points[((first & 31) << 6) | ((bytes[at + 1] as number) & 63)] as number) & mask) === 0) return at;
      at += 2;
      first = bytes[at] as number;
    }
    while (first >= 0xe0 && first < 0xf0) {
      const point = ((first & 15) << 12) | (((bytes[at + 1] as number) & 63) << 6) | ((bytes[at + 2] as number) & 63);
      if (((points[point] as number) & mask) === 0) return at;
      at += 3;
      first = bytes[at] as number;
    }
    if (first < 0xf0) continue;
    if ((classAt(points, bytes, at) & mask) === 0) return at;
    at += 4;
  }
}

/** The first place from `at` to `end` whose character is white space, a letter or a number, or `end`: the end of `[^\s\p{L}\p{N}]*`. */
export function skipOthers({ ascii, points }: ByteClasses, bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const kind = ascii[bytes[at] as number] as number;
    if (kind === 0) at++;
    else if (kind !== MULTIBYTE || (classAt(points, bytes, at) & (SPACE | LETTER | NUMBER)) !== 0) return at;
    else at += widthOf(bytes[at] as number);
  }
  return at;
}

/**
 * The class of every code point, as far as the patterns of byte-level tokenizers tell classes apart.
 *
 * The table is frozen: it is the Unicode version of the tokenizers that vocabularies were made with, whatever version the JavaScript
 * engine has, so that a letter that Unicode assigned last year gives the same ids everywhere. White space is Unicode's White_Space,
 * which unlike JavaScript's `\s` has U+0085 and lacks U+FEFF. A class is one bit, so that a pattern's class is a mask.
 */

import { characterClassRuns } from "./characterClassRuns.ts";

/** Upper-case and title-case letters (Lu, Lt). */
export const UPPER = 1;
/** Lower-case letters (Ll). */
export const LOWER = 2;
/** Modifier and other letters (Lm, Lo), such as Han and Hangul. */
export const OTHER_LETTER = 4;
/** Marks (M), such as combining accents. */
export const MARK = 8;
/** Numbers (N). */
export const NUMBER = 16;
/** White space, newlines included. */
export const SPACE = 32;
/** Carriage return and line feed; both are {@link SPACE} too. */
export const NEWLINE = 64;
/** Any letter (L). */
export const LETTER: number = UPPER | LOWER | OTHER_LETTER;

const bits: Readonly<Record<string, number>> = {
  X: 0,
  U: UPPER,
  L: LOWER,
  O: OTHER_LETTER,
  M: MARK,
  N: NUMBER,
  R: SPACE | NEWLINE,
  S: SPACE,
};

let table: Uint8Array | undefined;

/** The class bits of every code point, one byte each; built on first use. */
export function characterClasses(): Uint8Array {
  table ??= readRuns(characterClassRuns);
  return table;
}

function readRuns(runs: string): Uint8Array {
  const classes = new Uint8Array(0x110000);
  let point = 0;
  for (const [, length, name] of runs.matchAll(/([0-9a-z]*)([A-Z])/g)) {
    const end = point + (length === "" ? 1 : Number.parseInt(length ?? "", 36));
    classes.fill(bits[name ?? ""] ?? 0, point, end);
    point = end;
  }
  return classes;
}

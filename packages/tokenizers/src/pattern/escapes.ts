/**
 * What follows a backslash, as far as it means the same inside a class and outside: a character, or a named set.
 */

import { type CodePointSet, complement } from "../unicode/codePointSet.ts";
import { escapedSet, lineFeed, readProperty } from "./namedSets.ts";
import type { PatternSource } from "./patternSource.ts";

const controls: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** A code point, or a set of them. The backslash and the letter after it have been read. */
export function readEscape(source: PatternSource, letter: string): number | CodePointSet {
  const { isRust, dialect } = source;
  if (Object.hasOwn(controls, letter)) return controls[letter] as number;
  const set = escapedSet(letter, dialect);
  if (set !== undefined) return source.counted(set);
  if (letter === "p" || letter === "P") {
    if (isRust || source.sees("{")) return readProperty(source, letter === "P");
    return letter.charCodeAt(0);
  }
  if (letter === "x") return readHex(source, isRust ? 0xff : 0x7f, 2);
  if (letter === "u") return readHex(source, 0xffff, 4);
  if (letter === "U" && isRust) return readHex(source, 0x10ffff, 8);
  if (letter === "0" && !isRust) return Number.parseInt(source.match(/[0-7]{0,2}/y)?.[0] || "0", 8);
  if (letter === "N") return complement(lineFeed);
  if (/^[0-9kg]$/.test(letter)) source.refuse("back references and calls of groups");
  if (/^[XKGyY]$/.test(letter)) source.refuse(`\\${letter}`);
  if (!isRust && /^[cCM]$/.test(letter)) source.refuse("control and meta characters");
  if (isRust && /^[a-zA-Z]$/.test(letter)) source.fail("an escape", `\\${letter}`);
  return codePointOf(letter);
}

/** The code point of a character; a lone surrogate counts as U+FFFD. */
export function codePointOf(character: string): number {
  const point = character.codePointAt(0) ?? 0xfffd;
  return point >= 0xd800 && point < 0xe000 ? 0xfffd : point;
}

/** `{hex}`, or as many digits as the letter takes. */
function readHex(source: PatternSource, largest: number, digits: number): number {
  const { isRust } = source;
  const hasBraces = (isRust || digits === 2) && source.sees("{");
  const braced = hasBraces ? source.match(/\{\s*([0-9a-fA-F]{1,8})\s*\}/y)?.[1] : undefined;
  const plain = hasBraces
    ? undefined
    : source.match(digits === 2 ? /[0-9a-fA-F]{2}/y : digits === 4 ? /[0-9a-fA-F]{4}/y : /[0-9a-fA-F]{8}/y);
  const found = Number.parseInt(braced ?? plain?.[0] ?? "", 16);
  const limit = braced === undefined ? largest : 0x10ffff;
  if (Number.isNaN(found)) source.fail(`${digits} hexadecimal digits, or some in braces`);
  if (found > limit || (found >= 0xd800 && found < 0xe000))
    source.fail("a code point", `${found.toString(16)} in hexadecimal`);
  return found;
}

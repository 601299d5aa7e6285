/**
 * The classes of characters that the components of Hugging Face's library tell apart, frozen as version 0.23 has them: its parts go by
 * different versions of Unicode.
 */

import { libraryClassMarks, libraryClassRuns } from "./libraryClassRuns.ts";

/** What `\w` is in Rust: alphabetic characters, marks, decimal digits, connectors such as the underscore, joiners. */
export const WORD = 1;
/** Punctuation, and all ASCII symbols. */
export const PUNCTUATION = 2;
/** Marks, which `StripAccents` removes. */
export const ANY_MARK = 4;
/** Nonspacing marks, which `BertNormalizer` removes. */
export const NONSPACING_MARK = 8;
/** Control, format and private characters, U+0000 and U+FFFD: what `BertNormalizer` cleans away. */
export const CONTROL = 16;
/** Numbers, of which `Digits` knows fewer than later versions of Unicode have. */
export const DIGIT = 32;
/** What goes on with a grapheme cluster: combining and spacing marks, joiners, emoji modifiers and the like. */
export const CLUSTER_MARK = 64;

const FIRST_MARK = 0x41;

let table: Uint8Array | undefined;

/** The class bits of every code point, one byte each; built on first use. */
export function libraryClasses(): Uint8Array {
  table ??= readRuns();
  return table;
}

function readRuns(): Uint8Array {
  const classes = new Uint8Array(0x110000);
  let point = 0;
  for (const [, length, mark] of libraryClassRuns.matchAll(/([0-9a-z]*)([A-Z])/g)) {
    const end = point + (length === "" ? 1 : Number.parseInt(length, 36));
    classes.fill(libraryClassMarks[mark.charCodeAt(0) - FIRST_MARK], point, end);
    point = end;
  }
  return classes;
}

/**
 * Pre-tokenizers that cut at characters of a class: white space, punctuation, digits, words.
 */

import { characterClasses, SPACE } from "../../unicode/characterClasses.ts";
import { DIGIT, libraryClasses, PUNCTUATION, WORD } from "../../unicode/libraryClasses.ts";
import type { AlignedText } from "../alignedText.ts";
import { cut, type SplitBehavior } from "./cut.ts";
import type { PreTokenizer } from "./preTokenizer.ts";

/** A class of characters: those with a bit in a table. */
export interface CharacterClass {
  readonly table: () => Uint8Array;
  readonly bit: number;
}

export const whiteSpace: CharacterClass = { table: characterClasses, bit: SPACE };
export const punctuation: CharacterClass = { table: libraryClasses, bit: PUNCTUATION };
export const digit: CharacterClass = { table: libraryClasses, bit: DIGIT };

/** Cuts at each character of a class. */
export function classSplit(kind: CharacterClass, behavior: SplitBehavior): PreTokenizer {
  return { split: (texts) => texts.flatMap((text) => cut(text, matchesOf(kind, text.text), behavior, false)) };
}

/** Start and end of each character of a class, one after the other. */
function matchesOf({ table, bit }: CharacterClass, text: string): number[] {
  const classes = table();
  const matches: number[] = [];
  for (let at = 0; at < text.length;) {
    const point = text.codePointAt(at)!;
    const next = point > 0xffff ? at + 2 : at + 1;
    if ((classes[point] & bit) !== 0) matches.push(at, next);
    at = next;
  }
  return matches;
}

/** The pieces by `\w+|[^\w\s]+`: runs of letters and the like, and runs of other characters. */
export function wordsAndOthers(source: AlignedText): AlignedText[] {
  const words = libraryClasses();
  const spaces = characterClasses();
  const { text } = source;
  const pieces: AlignedText[] = [];
  /** 0 for white space, 1 for a word, 2 for others. */
  let kind = 0;
  let start = 0;
  for (let at = 0; at <= text.length;) {
    const point = at < text.length ? text.codePointAt(at)! : 0x20;
    const next = (spaces[point] & SPACE) !== 0 ? 0 : (words[point] & WORD) !== 0 ? 1 : 2;
    if (next !== kind) {
      if (kind !== 0) pieces.push(source.slice(start, at));
      start = at;
      kind = next;
    }
    at += point > 0xffff ? 2 : 1;
  }
  return pieces;
}

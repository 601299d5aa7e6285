/**
 * A text as a program sees it, in symbols: steps back, runs of a set, and what assertions ask.
 */

import { assertionNumbers, type Program, REST_SYMBOL } from "./program.ts";

/** Symbols of a text between two symbols of the end; the first place is 1. */
export type Symbols = Uint8Array | Uint16Array;

/** The place of the character before a place. */
export function placeBefore(symbols: Symbols, place: number): number {
  let before = place - 1;
  while (symbols[before] === REST_SYMBOL) before--;
  return before;
}

/** The first place from one on whose symbol is not in a set. */
export function runEnd(members: Uint8Array, symbols: Symbols, set: number, from: number): number {
  let place = from;
  while (members[set + (symbols[place] as number)] === 1) place++;
  return place;
}

/** The end of a run of at most `count` characters, -1 for any number. */
export function shortRunEnd(members: Uint8Array, symbols: Symbols, set: number, from: number, count: number): number {
  let place = from;
  for (let i = 0; i !== count && members[set + (symbols[place] as number)] === 1; i++) {
    place++;
    while (symbols[place] === REST_SYMBOL) place++;
  }
  return place;
}

/** The end of a run of exactly `count` characters, -1 if there are fewer. */
export function exactRunEnd(members: Uint8Array, symbols: Symbols, set: number, from: number, count: number): number {
  let place = from;
  for (let i = 0; i < count; i++) {
    if (members[set + (symbols[place] as number)] === 0) return -1;
    place++;
    while (symbols[place] === REST_SYMBOL) place++;
  }
  return place;
}

/** Whether an assertion, by its number, holds at a place of a text that ends at `end`. */
export function holds(program: Program, symbols: Symbols, end: number, assertion: number, place: number): boolean {
  const { members, newlines, words } = program;
  const before = symbols[placeBefore(symbols, place)] as number;
  const after = symbols[place] as number;
  const isWordBefore = members[words + before] === 1;
  const isWordAfter = members[words + after] === 1;
  switch (assertion) {
    case assertionNumbers.textStart:
      return place === 1;
    case assertionNumbers.textEnd:
      return place === end;
    case assertionNumbers.textEndOrLastNewline:
      return place === end || (members[newlines + after] === 1 && place + 1 === end);
    case assertionNumbers.lineEnd:
      return place === end || members[newlines + after] === 1;
    case assertionNumbers.lineStart:
      return place === 1 || members[newlines + before] === 1;
    case assertionNumbers.lineStartBeforeEnd:
      return place === 1 || (members[newlines + before] === 1 && place < end);
    case assertionNumbers.wordBoundary:
      return isWordBefore !== isWordAfter;
    case assertionNumbers.noWordBoundary:
      return isWordBefore === isWordAfter;
    case assertionNumbers.wordStart:
      return !isWordBefore && isWordAfter;
    default:
      return isWordBefore && !isWordAfter;
  }
}

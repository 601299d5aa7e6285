/**
 * What a pattern is compiled to: instructions for a machine that backtracks, over symbols instead of characters.
 *
 * A symbol stands for all code points that no set of the pattern tells apart, so that a set is a short table. The instructions are those of
 * Thompson-style backtracking machines (Cox 2009, "Regular Expression Matching: the Virtual Machine Approach"), with runs of one set, look-around
 * and atomic groups besides. Each has {@link STRIDE} numbers, at the places below.
 */

/** Numbers per instruction. */
export const STRIDE = 8;

/** Where an instruction's numbers are. */
export const FIRST = 1;
export const SECOND = 2;
export const THIRD = 3;
/** The first of an instruction's places in the memo of failures. */
export const SLOT = 4;
/** The register of the innermost loop around whose rounds may be empty, or -1. */
export const LOOP = 5;
/** Where the instruction's table of what is possible before each symbol begins. */
export const CHOICE = 6;
/** Number of the run, for what is known of the last one. */
export const RUN_NUMBER = 7;

/** The end of the whole pattern. */
export const MATCH = 0;
/** One character of a set (FIRST). */
export const SET = 1;
/** One character of a set (FIRST) before this place, which it moves to. */
export const SET_BEFORE = 2;
/** Goes on at FIRST, and if that fails at SECOND. */
export const SPLIT = 3;
/** Goes on at FIRST. */
export const JUMP = 4;
/** As many characters of a set (FIRST) as there are, at least SECOND and at most THIRD (-1 for no limit), and fewer if what follows fails. */
export const RUN = 5;
/** As {@link RUN}, but never fewer than there are. */
export const GRAB = 6;
/** A check of this place: a number of {@link assertionNumbers} (FIRST). */
export const ASSERT = 7;
/** Whether the next character is of a set (FIRST), as SECOND says, 1 or 0; the end of the text is of none. */
export const NEXT_IN = 8;
/** What follows up to {@link LOOK_END} (THIRD) matches here, or not if SECOND is 1; then goes on at FIRST. */
export const LOOK = 9;
export const LOOK_END = 10;
/** The first match of what follows up to {@link ATOMIC_END} (THIRD), and no other. */
export const ATOMIC = 11;
export const ATOMIC_END = 12;
/** Notes in a register (FIRST) where a round of a loop begins. */
export const ENTER = 13;
/** After a round that was empty, going by the register (FIRST), goes on at SECOND, behind the loop. */
export const AGAIN = 14;

/** Fails after a round that was empty, going by the register (FIRST). */
export const FAIL_IF_EMPTY = 15;

/** Assertions by number. */
export const assertionNumbers = {
  textStart: 0,
  textEnd: 1,
  textEndOrLastNewline: 2,
  lineStart: 3,
  lineStartBeforeEnd: 4,
  lineEnd: 5,
  wordBoundary: 6,
  noWordBoundary: 7,
  wordStart: 8,
  wordEnd: 9,
} as const;

/** The symbol of the end of the text, and of what is before its beginning. */
export const END_SYMBOL = 0;
/** The symbol of the units of a character after its first. It counts as a member of every set, so that runs pass over it. */
export const REST_SYMBOL = 1;

export interface Program {
  readonly code: Int32Array;
  readonly symbols: SymbolTable;
  /** 1 for each set and symbol if the one is in the other; FIRST of an instruction says where its set begins. */
  readonly members: Uint8Array;
  /**
   * For each split or run and each symbol, what may match before such a symbol: 1 its first way, 2 its second way, 3 both; for
   * a run, 1 if what follows it may.
   */
  readonly choices: Uint8Array;
  /** 1 for each symbol that a match may start with, or before. */
  readonly starts: Uint8Array;
  /** Places in the memo of failures. */
  readonly slots: number;
  /** The register of the loop around each loop whose rounds may be empty, or -1. */
  readonly outerLoops: Int32Array;
  readonly runs: number;
  readonly looksBehind: boolean;
  /** Where the sets of newlines and of word characters begin, as far as assertions need them. */
  readonly newlines: number;
  readonly words: number;
}

/** The symbol of every code point, by pages of 256. */
export interface SymbolTable {
  readonly count: number;
  /** For each page, where its symbols begin. */
  readonly pages: Int32Array;
  readonly symbols: Uint16Array;
}

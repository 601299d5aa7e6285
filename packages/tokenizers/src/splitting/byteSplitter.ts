/**
 * Cuts UTF-8 text into the pieces that byte-level BPE works on.
 *
 * A splitter does what the regular expression of the same name does, written out by hand: one look at the class of each character,
 * no backtracking, no limit on the length of a run. Any other expression is run by the engine of this package (see regexSplitter.ts).
 */

import type { WordRule } from "./asciiWords.ts";

/** Zero bytes that a splitter wants after the end of the text; the callers read eight bytes at a time, too. */
export const PADDING = 8;

/** Where the piece that starts at a place ends. */
export interface ByteSplitter {
  /**
   * The end of the piece that starts at `start`.
   *
   * @param bytes - Valid UTF-8 from `start` to `end`, with {@link PADDING} zero bytes after `end`.
   * @returns An index above `start` and at most `end`; or, if no piece starts here, the complement (`~`) of where the next one may.
   */
  (bytes: Uint8Array, start: number, end: number): number;
  /** Where there is one: to be called once for each text, before it is cut from its beginning, piece by piece. */
  begin?(bytes: Uint8Array, end: number): void;
}

/** How a pattern is carried out. */
export interface Splitting {
  readonly createSplitter: () => ByteSplitter;
  /** The words that need no splitter; undefined where there are none. */
  readonly words?: WordRule;
  /**
   * Whether tiktoken's spelling of the pattern takes all white space at the end of a text as one piece, where the original one cuts it
   * after line ends. The ids are the same; what counts as the last piece is not.
   */
  readonly joinsSpaceAtEnd?: boolean;
}

export { createCl100kSplitter, createSingleDigitSplitter, joiningSpaceAtEnd } from "./cl100kSplitter.ts";
export { createO200kSplitter } from "./o200kSplitter.ts";
export { createR50kSplitter } from "./r50kSplitter.ts";

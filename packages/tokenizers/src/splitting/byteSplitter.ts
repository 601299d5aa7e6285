/**
 * Cuts UTF-8 text into the pieces that byte-level BPE works on.
 *
 * A splitter does what the regular expression of the same name does, written out by hand: one look at the class of each character,
 * no backtracking, no limit on the length of a run.
 */

/**
 * The end of the piece that starts at `start`.
 *
 * @param bytes - Valid UTF-8 from `start` to `end`, with at least 8 zero bytes after `end`.
 * @returns An index above `start` and at most `end`; pieces cover the text without gaps.
 */
export type ByteSplitter = (bytes: Uint8Array, start: number, end: number) => number;

export { createCl100kSplitter, createSingleDigitSplitter } from "./cl100kSplitter.ts";
export { createO200kSplitter } from "./o200kSplitter.ts";
export { createR50kSplitter } from "./r50kSplitter.ts";

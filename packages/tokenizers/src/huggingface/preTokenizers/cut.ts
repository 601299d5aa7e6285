/**
 * Cuts a text at the matches of a pattern, and says what becomes of the matches.
 */

import type { AlignedText } from "../alignedText.ts";

/** What becomes of a match: dropped, a piece of its own, part of the piece before or after it, or of a piece with the matches next to it. */
export type SplitBehavior = "Removed" | "Isolated" | "MergedWithPrevious" | "MergedWithNext" | "Contiguous";

/** All of them. */
export const SPLIT_BEHAVIORS: readonly SplitBehavior[] = [
  "Removed",
  "Isolated",
  "MergedWithPrevious",
  "MergedWithNext",
  "Contiguous",
];

/**
 * The pieces of a text.
 *
 * @param matches - Start and end of each match, one after the other.
 * @param isInverted - Whether what lies between the matches is the match.
 */
export function cut(
  text: AlignedText,
  matches: readonly number[],
  behavior: SplitBehavior,
  isInverted: boolean,
): AlignedText[] {
  const pieces: AlignedText[] = [];
  /** The piece under way, and whether the stretch before was a match. */
  let start = 0;
  let end = -1;
  let wasMatch = false;
  let isFirst = true;
  const close = (): void => {
    if (end > start) pieces.push(text.slice(start, end));
  };
  forEachStretch(matches, text.text.length, (from, to, found) => {
    const isMatch = found !== isInverted;
    let joins = false;
    if (behavior === "Contiguous") joins = !isFirst && isMatch === wasMatch;
    else if (behavior === "MergedWithPrevious") joins = !isFirst && isMatch && !wasMatch;
    else if (behavior === "MergedWithNext") joins = !isFirst && !isMatch && wasMatch;
    if (!joins) {
      close();
      start = from;
    }
    end = behavior === "Removed" && isMatch ? start : to;
    wasMatch = isMatch;
    isFirst = false;
  });
  close();
  return pieces;
}

/** Calls back for the matches and what lies between them. */
function forEachStretch(
  matches: readonly number[],
  length: number,
  visit: (from: number, to: number, isMatch: boolean) => void,
): void {
  let at = 0;
  for (let i = 0; i < matches.length; i += 2) {
    if (at < matches[i]) visit(at, matches[i], false);
    visit(matches[i], matches[i + 1], true);
    at = matches[i + 1];
  }
  if (at < length) visit(at, length, false);
}

/**
 * Cuts normalized text into words: each begins (or ends) with a space mark. Pieces stay inside them.
 *
 * Follows `SplitIntoWords` of SentencePiece's `model_interface.cc`.
 */

/** How words are cut. */
export interface WordRule {
  /** The space mark ends a word instead of beginning it. */
  readonly suffix: boolean;
  /** Space marks in a row stay together. */
  readonly runs: boolean;
}

/** Whether the space mark's three bytes stand at `at`; text ends with zero bytes. */
function isSpaceMark(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xe2 && bytes[at + 1] === 0x96 && bytes[at + 2] === 0x81;
}

/**
 * The end of the word that begins at `start`.
 *
 * @param bytes - Normalized text, followed by zero bytes.
 * @param start - Below `end`.
 * @param end - Its length without those.
 */
export function wordEnd(bytes: Uint8Array, start: number, end: number, { suffix, runs }: WordRule): number {
  let at = start;
  if (!suffix) {
    if (isSpaceMark(bytes, at)) {
      at += 3;
      if (runs) while (at < end && isSpaceMark(bytes, at)) at += 3;
    }
    // 0xe2 begins many characters, of which one is the space mark.
    while (at < end && !(bytes[at] === 0xe2 && isSpaceMark(bytes, at))) at++;
    return at;
  }
  while (at < end && !(bytes[at] === 0xe2 && isSpaceMark(bytes, at))) at++;
  if (at === end) return end;
  at += 3;
  if (runs) while (at < end && isSpaceMark(bytes, at)) at += 3;
  return at;
}

/**
 * Counts the tokens of any part of a fixed text without encoding it again: for prompts put together from parts of a document,
 * and for cutting a document where a budget of tokens ends.
 */

import { describe } from "../describe.ts";
import type { Encoding } from "../tiktoken/encoding.ts";
import { GrowingText } from "./growingText.ts";
import { PieceIntervals } from "./pieceIntervals.ts";
import { PieceTokens } from "./pieceTokens.ts";

/**
 * A text whose parts can be counted.
 *
 * Making it costs about as much as encoding the text a few times; a count then costs what is cut at the two ends of the part, a
 * piece or two (words, runs of spaces), however long the part is. It holds about 17 bytes per byte of text.
 *
 * @example
 * ```ts
 * const counter = new IntervalCounter(encoding, "The quick brown fox");
 * counter.count(4, 15); // => encoding.encodeOrdinary("quick brown").length
 * ```
 */
export class IntervalCounter {
  readonly #encoding: Encoding;
  readonly #string: string;
  readonly #text: GrowingText;
  readonly #intervals: PieceIntervals;

  /**
   * @param encoding - Any encoding whose ids are in the order of its merges, as all of OpenAI's are.
   * @param text - Any string; lone surrogates count as U+FFFD.
   * @throws TypeError if `encoding` or `text` is none; RangeError if the ids have another order, or a token is not what its own
   * bytes encode to.
   */
  constructor(encoding: Encoding, text: string) {
    if (typeof text !== "string") throw new TypeError(`IntervalCounter: expected a string, got ${describe(text)}`);
    this.#encoding = encoding;
    this.#string = text;
    this.#text = new GrowingText(new PieceTokens("IntervalCounter", encoding));
    this.#text.append(text);
    this.#intervals = new PieceIntervals(this.#text.pieces);
  }

  /** Length of the text in UTF-16 units. */
  get length(): number {
    return this.#string.length;
  }

  /**
   * Number of tokens of a part, exactly `encoding.encodeOrdinary(text.slice(start, end)).length`. A part that begins or ends
   * between the two halves of a surrogate pair is encoded, and costs its length.
   *
   * @param start - First unit of the part, in UTF-16 units. @defaultValue 0
   * @param end - The unit after its last. @defaultValue the length of the text
   * @throws RangeError if they are not integers with 0 <= start <= end <= length.
   */
  count(start = 0, end: number = this.length): number {
    const isRange = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end;
    if (!isRange || end > this.length) {
      throw new RangeError(
        `IntervalCounter.count: expected integers 0 <= start <= end <= ${this.length} (length), ` +
          `got ${describe(start)} and ${describe(end)}`,
      );
    }
    const from = this.#text.place(start);
    const to = this.#text.place(end);
    if (from.isInside || to.isInside) return this.#encoding.encodeOrdinary(this.#string.slice(start, end)).length;
    return this.#intervals.count(from.byte, to.byte);
  }
}

/**
 * Keeps the tokens of a text that grows and shrinks at its end: for the token count beside an editor, and for a context that
 * is filled until its budget is spent. What is there already is not encoded again.
 */

import { describe } from "../describe.ts";
import type { Encoding } from "../tiktoken/encoding.ts";
import { GrowingText } from "./growingText.ts";
import { PieceTokens } from "./pieceTokens.ts";

/**
 * The text so far and its tokens, at any time those of `encoding.encodeOrdinary` of the same text.
 *
 * Adding text costs what is added, and cutting off what is left of the last pieces (words, runs of spaces), however long the
 * text is. It holds about nine bytes per byte of text.
 *
 * @example
 * ```ts
 * const encoder = new AppendableEncoder(encoding);
 * encoder.append("The quick brown");
 * encoder.count; // => 3
 * encoder.truncate("The quick".length);
 * encoder.count; // => 2
 * ```
 */
export class AppendableEncoder {
  readonly #text: GrowingText;

  /**
   * @param encoding - Any encoding whose ids are in the order of its merges, as all of OpenAI's are.
   * @throws TypeError if `encoding` is none; RangeError if its ids have another order, or one of its tokens is not what its own
   * bytes encode to.
   */
  constructor(encoding: Encoding) {
    this.#text = new GrowingText(new PieceTokens("AppendableEncoder", encoding));
  }

  /** Length of the text in UTF-16 units, as `string.length`. */
  get length(): number {
    return this.#text.length;
  }

  /** Number of tokens of the text. */
  get count(): number {
    return this.#text.pieces.count;
  }

  /** The ids of the text. */
  ids(): Uint32Array<ArrayBuffer> {
    return this.#text.pieces.ids();
  }

  /**
   * Adds text at the end; special tokens are ordinary text.
   *
   * @param text - Any string; a surrogate without its other half counts as U+FFFD until the other half is added.
   * @throws TypeError if `text` is not a string.
   */
  append(text: string): void {
    if (typeof text !== "string") {
      throw new TypeError(`AppendableEncoder.append: expected a string, got ${describe(text)}`);
    }
    this.#text.append(text);
  }

  /**
   * Cuts the text off.
   *
   * @param length - The new length in UTF-16 units, 0 to {@link AppendableEncoder.length}.
   * @throws RangeError if it is not an integer in this range.
   */
  truncate(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.length) {
      throw new RangeError(
        `AppendableEncoder.truncate: expected an integer from 0 to ${this.length} (length), got ${describe(length)}`,
      );
    }
    this.#text.truncate(length);
  }
}

/**
 * A long text in pieces that can be encoded one by one: their tokens, one after the other, are those of the text.
 */

import { BpeTokenizer, ByteTokenizer, CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import { lastCut } from "../tokenizer/trainingTexts.ts";
import { UsageError } from "../usageError.ts";

/** As much text is gathered before it is cut, in UTF-16 units. */
const HELD = 1 << 20;

/** More is not held: of a text that cannot be cut, or a line without an end. */
const MOST_HELD = 1 << 28;

/** Gathers a text and gives it out in pieces. */
export class Pieces {
  readonly #canBeCut: boolean;
  readonly #most: number;
  #text = "";
  /** The length at which to look for a cut again: a text without line ends is not looked through at every part. */
  #next = HELD;

  /**
   * @param tokenizer - Byte-level BPE, bytes and characters allow of cuts; what others make of a text depends on all of it.
   * @param most - Characters that are held without a cut. @defaultValue 2^28
   */
  constructor(tokenizer: Tokenizer, most: number = MOST_HELD) {
    this.#most = most;
    this.#canBeCut =
      tokenizer instanceof BpeTokenizer ||
      tokenizer instanceof ByteTokenizer ||
      tokenizer instanceof CharacterTokenizer;
  }

  /**
   * Adds a part of the text.
   *
   * @returns a piece that is complete, where there is one.
   * @throws UsageError where the text is too long to be held.
   */
  push(part: string): string | undefined {
    this.#text += part;
    if (this.#text.length < this.#next) return undefined;
    const cut = this.#canBeCut ? lastCut(this.#text) : 0;
    if (cut === 0) {
      if (this.#text.length > this.#most) throw tooLong(this.#canBeCut, this.#most);
      // Not beyond what may be held: a string ends at twice of that.
      this.#next = Math.min(2 * this.#text.length, this.#most + 1);
      return undefined;
    }
    const piece = this.#text.slice(0, cut);
    this.#text = this.#text.slice(cut);
    this.#next = Math.max(HELD, 2 * this.#text.length);
    return piece;
  }

  /** The last piece, at the end of the text; "" where nothing is left. */
  end(): string {
    const piece = this.#text;
    this.#text = "";
    this.#next = HELD;
    return piece;
  }
}

function tooLong(canBeCut: boolean, most: number): UsageError {
  return new UsageError(
    canBeCut
      ? `expected a text with line ends, got ${most} characters in which it cannot be cut`
      : `expected a text of at most ${most} characters with a tokenizer that has to see all of it, got a longer one: cut it into ` +
          "documents (JSONL)",
  );
}

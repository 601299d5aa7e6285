/**
 * A text that grows and shrinks at its end, in the UTF-16 units of JavaScript's strings, with its tokens. Surrogates without
 * their other half count as U+FFFD, as long as they are without it.
 */

import { encodeUtf8 } from "../utf8.ts";
import { codePointAt } from "./characters.ts";
import type { PieceTokens } from "./pieceTokens.ts";
import { type Utf16Place, Utf16Index } from "./utf16Index.ts";

export class GrowingText {
  readonly pieces: PieceTokens;
  readonly #index = new Utf16Index();
  /** The high surrogates without a low one after them, by their units; in the text they are U+FFFD. */
  readonly #halves: { readonly unit: number; readonly half: string }[] = [];

  /** @param pieces - The empty text. */
  constructor(pieces: PieceTokens) {
    this.pieces = pieces;
  }

  /** Number of UTF-16 units. */
  get length(): number {
    return this.#index.length;
  }

  append(text: string): void {
    const open = this.#halves[this.#halves.length - 1];
    if (open?.unit === this.length - 1 && isLow(text.charCodeAt(0))) {
      this.truncate(open.unit);
      text = open.half + text;
    }
    for (let i = 0; i < text.length; i++) {
      if (!isHigh(text.charCodeAt(i))) continue;
      if (isLow(text.charCodeAt(i + 1))) i++;
      else this.#halves.push({ unit: this.length + i, half: text[i] });
    }
    const bytes = encodeUtf8(text);
    const from = this.pieces.length;
    this.pieces.append(bytes);
    this.#index.append(this.pieces.bytes, from, from + bytes.length);
  }

  /** @param length - Number of UTF-16 units that stay, at most as many as there are. */
  truncate(length: number): void {
    if (length === this.length) return;
    const { byte, isInside } = this.place(length);
    const point = codePointAt(this.pieces.bytes, byte);
    const between = isInside ? length - 1 : length;
    while ((this.#halves[this.#halves.length - 1]?.unit ?? -1) >= between) this.#halves.pop();
    this.pieces.truncate(byte);
    this.#index.truncate(between);
    if (isInside) this.append(String.fromCodePoint(point)[0]);
  }

  /** The place of a unit, 0 to `length`, in the text's UTF-8. */
  place(unit: number): Utf16Place {
    return this.#index.locate(this.pieces.bytes, unit);
  }
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

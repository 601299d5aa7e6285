/**
 * Pieces of so many characters each.
 */

import type { AlignedText } from "../alignedText.ts";
import type { PreTokenizer } from "./preTokenizer.ts";

export class FixedLength implements PreTokenizer {
  readonly #length: number;

  constructor(length: number) {
    this.#length = length;
  }

  split(texts: readonly AlignedText[]): AlignedText[] {
    return texts.flatMap((text) => this.#splitOne(text));
  }

  #splitOne(source: AlignedText): AlignedText[] {
    const { text } = source;
    const pieces: AlignedText[] = [];
    let start = 0;
    for (let at = 0, count = 0; at < text.length;) {
      at += text.codePointAt(at)! > 0xffff ? 2 : 1;
      count++;
      if (count < this.#length && at < text.length) continue;
      pieces.push(source.slice(start, at));
      start = at;
      count = 0;
    }
    return pieces;
  }
}

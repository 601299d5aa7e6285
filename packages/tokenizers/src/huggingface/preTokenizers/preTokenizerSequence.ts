/**
 * Several pre-tokenizers, each of which cuts the pieces of the one before.
 */

import type { AlignedText } from "../alignedText.ts";
import type { PreTokenizer } from "./preTokenizer.ts";

export class PreTokenizerSequence implements PreTokenizer {
  readonly preTokenizers: readonly PreTokenizer[];

  constructor(preTokenizers: readonly PreTokenizer[]) {
    this.preTokenizers = preTokenizers;
  }

  split(texts: readonly AlignedText[]): readonly AlignedText[] {
    let pieces = texts;
    for (const preTokenizer of this.preTokenizers) {
      pieces = preTokenizer.split(pieces);
      if (pieces.some(({ text }) => text === "")) pieces = pieces.filter(({ text }) => text !== "");
    }
    return pieces;
  }
}

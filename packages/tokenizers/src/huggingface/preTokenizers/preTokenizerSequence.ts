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

  split(text: AlignedText): readonly AlignedText[] {
    let pieces: readonly AlignedText[] = [text];
    for (const preTokenizer of this.preTokenizers) {
      const next: AlignedText[] = [];
      for (const piece of pieces) {
        if (piece.text === "") continue;
        for (const part of preTokenizer.split(piece)) next.push(part);
      }
      pieces = next;
    }
    return pieces;
  }
}

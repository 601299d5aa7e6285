/**
 * GPT-2's pre-tokenizer: words by its pattern, and every character as the symbols of its bytes.
 */

import type { ByteSplitter } from "../../splitting/byteSplitter.ts";
import type { AlignedText } from "../alignedText.ts";
import { gpt2Pattern, knownSplitting } from "../../splitting/knownPatterns.ts";
import { toByteLevel } from "../byteLevelText.ts";
import { piecesOf } from "../pieces.ts";
import { cut } from "./cut.ts";
import type { PreTokenizer } from "./preTokenizer.ts";

export class ByteLevel implements PreTokenizer {
  readonly addPrefixSpace: boolean;
  readonly usesPattern: boolean;
  readonly #split: ByteSplitter | undefined;

  constructor(addPrefixSpace: boolean, usesPattern: boolean) {
    this.addPrefixSpace = addPrefixSpace;
    this.usesPattern = usesPattern;
    this.#split = usesPattern ? knownSplitting(gpt2Pattern)?.createSplitter() : undefined;
  }

  split(texts: readonly AlignedText[]): AlignedText[] {
    const split = this.#split;
    const spaced = this.addPrefixSpace
      ? texts.map((text) => (text.text.startsWith(" ") ? text : text.prepend(" ")))
      : texts;
    if (split === undefined) return toByteLevel(spaced);
    return toByteLevel(spaced.flatMap((text) => cut(text, piecesOf(split, text.text), "Isolated", false)));
  }
}

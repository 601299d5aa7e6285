/**
 * Cuts at the matches of a pattern.
 */

import type { AlignedText } from "../alignedText.ts";
import type { Finder } from "../finder.ts";
import { cut, type SplitBehavior } from "./cut.ts";
import type { PreTokenizer } from "./preTokenizer.ts";

export class Split implements PreTokenizer {
  readonly finder: Finder;
  readonly behavior: SplitBehavior;
  readonly #isInverted: boolean;

  constructor(finder: Finder, behavior: SplitBehavior, isInverted: boolean) {
    this.finder = finder;
    this.behavior = behavior;
    this.#isInverted = isInverted;
  }

  split(texts: readonly AlignedText[]): AlignedText[] {
    return texts.flatMap((text) => cut(text, this.finder.find(text.text), this.behavior, this.#isInverted));
  }
}

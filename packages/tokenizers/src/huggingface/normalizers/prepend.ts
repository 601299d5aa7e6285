/**
 * Puts something in front of every text that is not empty.
 */

import type { AlignedText } from "../alignedText.ts";
import type { Normalizer } from "./normalizer.ts";

export class Prepend implements Normalizer {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  normalize(source: AlignedText): AlignedText {
    return source.prepend(this.#prefix);
  }
}

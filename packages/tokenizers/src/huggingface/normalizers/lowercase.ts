/**
 * Small letters for capitals, each character by itself: a final sigma is no exception.
 */

import type { AlignedText } from "../alignedText.ts";
import { Rewriter } from "../rewriter.ts";
import type { Normalizer } from "./normalizer.ts";

export class Lowercase implements Normalizer {
  normalize(source: AlignedText): AlignedText {
    if (source.isAnchored && source.text.toLowerCase() === source.text) return source;
    const rewriter = new Rewriter(source);
    for (const character of source.text) {
      let change = 0;
      for (const small of character.toLowerCase()) {
        rewriter.push(small.codePointAt(0)!, change);
        change = 1;
      }
    }
    return rewriter.finish();
  }
}

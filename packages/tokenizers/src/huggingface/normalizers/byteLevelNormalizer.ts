/**
 * Every character becomes the symbols of its bytes.
 */

import type { AlignedText } from "../alignedText.ts";
import { Rewriter } from "../rewriter.ts";
import { byteSymbolPoints } from "../byteSymbolPoints.ts";
import type { Normalizer } from "./normalizer.ts";

export class ByteLevelNormalizer implements Normalizer {
  normalize(source: AlignedText): AlignedText {
    return toByteLevel(source);
  }
}

/** A text with the symbols of its bytes for each of its characters. */
export function toByteLevel(source: AlignedText): AlignedText {
  const { text } = source;
  const rewriter = new Rewriter(source);
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at)!;
    if (point < 0x80) {
      rewriter.push(byteSymbolPoints[point], 0);
      continue;
    }
    if (point < 0x800) rewriter.push(byteSymbolPoints[0xc0 | (point >> 6)], 0);
    else if (point < 0x10000) {
      rewriter.push(byteSymbolPoints[0xe0 | (point >> 12)], 0);
      rewriter.push(byteSymbolPoints[0x80 | ((point >> 6) & 63)], 1);
    } else {
      at++;
      rewriter.push(byteSymbolPoints[0xf0 | (point >> 18)], 0);
      rewriter.push(byteSymbolPoints[0x80 | ((point >> 12) & 63)], 1);
      rewriter.push(byteSymbolPoints[0x80 | ((point >> 6) & 63)], 1);
    }
    rewriter.push(byteSymbolPoints[0x80 | (point & 63)], 1);
  }
  return rewriter.finish();
}

/**
 * The pattern of gpt2, r50k_base and p50k_base:
 * `'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s`.
 */

import { LETTER, NUMBER, SPACE } from "../unicode/characterClasses.ts";
import { byteClasses, classAt, skipClass, skipOthers, widthOf } from "./byteClasses.ts";
import type { ByteSplitter } from "./byteSplitter.ts";
import { APOSTROPHE, BLANK, contraction, whiteSpace } from "./sharedAlternatives.ts";

export function createR50kSplitter(): ByteSplitter {
  const classes = byteClasses();
  const { ascii, points } = classes;
  return (bytes, start, end) => {
    const first = bytes[start] as number;
    const at = first === BLANK ? start + 1 : start;
    if (((ascii[bytes[at] as number] as number) & LETTER) !== 0) return skipClass(classes, bytes, at + 1, LETTER);
    if (first === APOSTROPHE) {
      const after = contraction(bytes, start);
      if (after > start) return after;
    }
    const kind = at < end ? classAt(points, bytes, at) : SPACE;
    if ((kind & SPACE) !== 0) return whiteSpace(classes, bytes, start, end, false);
    const after = at + widthOf(bytes[at] as number);
    if ((kind & LETTER) !== 0) return skipClass(classes, bytes, after, LETTER);
    if ((kind & NUMBER) !== 0) return skipClass(classes, bytes, after, NUMBER);
    return skipOthers(classes, bytes, after, end);
  };
}

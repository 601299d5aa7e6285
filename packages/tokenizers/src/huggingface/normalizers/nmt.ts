/**
 * The clean-up of Google's neural machine translation: no control characters, and blanks for what looks like them.
 */

import type { AlignedText } from "../alignedText.ts";
import { filter } from "./filter.ts";
import type { Normalizer } from "./normalizer.ts";

const BLANK = 0x20;

export class Nmt implements Normalizer {
  normalize(source: AlignedText): AlignedText {
    return filter(source, (point) => (isDropped(point) ? -1 : isBlank(point) ? BLANK : point));
  }
}

function isDropped(point: number): boolean {
  if (point < 0x20) return point > 0 && point !== 0x09 && point !== 0x0a && point !== 0x0c && point !== 0x0d;
  return point === 0x7f || point === 0x8f || point === 0x9f;
}

function isBlank(point: number): boolean {
  if (point < 0x1680) return point === 0x09 || point === 0x0a || point === 0x0c || point === 0x0d;
  if (point >= 0x200b && point <= 0x200f) return true;
  return [0x1680, 0x2028, 0x2029, 0x2581, 0xfeff, 0xfffd].includes(point);
}

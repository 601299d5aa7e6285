/**
 * Leaves out characters; the one before takes over what they stand for, and at the beginning it is lost.
 */

import type { AlignedText } from "../alignedText.ts";
import { Rewriter } from "../rewriter.ts";

/**
 * @param become - What a character becomes, or -1 if it is left out.
 */
export function filter(source: AlignedText, become: (point: number) => number): AlignedText {
  const { text } = source;
  const rewriter = new Rewriter(source);
  let kept = -1;
  let removed = 0;
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at)!;
    if (point > 0xffff) at++;
    const next = become(point);
    if (next < 0) {
      removed++;
      continue;
    }
    if (kept < 0) rewriter.skip(removed);
    else rewriter.push(kept, -removed);
    kept = next;
    removed = 0;
  }
  if (kept >= 0) rewriter.push(kept, -removed);
  return rewriter.finish();
}

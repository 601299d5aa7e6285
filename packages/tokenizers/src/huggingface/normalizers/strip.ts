/**
 * Removes white space at the beginning, at the end, or both.
 */

import { characterClasses, SPACE } from "../../unicode/characterClasses.ts";
import type { AlignedText } from "../alignedText.ts";
import { Rewriter } from "../rewriter.ts";
import type { Normalizer } from "./normalizer.ts";

export class Strip implements Normalizer {
  readonly #left: boolean;
  readonly #right: boolean;

  constructor(left: boolean, right: boolean) {
    this.#left = left;
    this.#right = right;
  }

  normalize(source: AlignedText): AlignedText {
    const { text } = source;
    const classes = characterClasses();
    // All white space is in the basic plane, so that units are characters.
    const isSpace = (at: number): boolean => (classes[text.charCodeAt(at)] & SPACE) !== 0;
    let start = 0;
    let end = text.length;
    if (this.#left) while (start < end && isSpace(start)) start++;
    if (this.#right) while (end > start && isSpace(end - 1)) end--;
    if (start === 0 && end === text.length) return source;
    const rewriter = new Rewriter(source);
    if (start < end) rewriter.skip(start);
    for (const character of text.slice(start, end)) rewriter.push(character.codePointAt(0)!, 0);
    return rewriter.finish();
  }
}

/**
 * Puts one text for every match of a pattern; it stands for the last character of the match.
 */

import { AlignedText, isHighSurrogate } from "../alignedText.ts";
import type { Fields } from "../fields.ts";
import { type Finder, readFinder } from "../finder.ts";
import type { Normalizer } from "./normalizer.ts";

export class Replace implements Normalizer {
  readonly #finder: Finder;
  readonly #content: string;

  constructor(finder: Finder, content: string) {
    this.#finder = finder;
    this.#content = content;
  }

  normalize(source: AlignedText): AlignedText {
    const { text } = source;
    const content = this.#content;
    const matches = this.#finder.find(text);
    if (matches.length === 0) return source;
    let replaced = 0;
    for (let i = 0; i < matches.length; i += 2) replaced += matches[i + 1] - matches[i];
    const length = text.length - replaced + (matches.length / 2) * content.length;
    const starts = new Int32Array(length);
    const ends = new Int32Array(length);
    const parts: string[] = [];
    let at = 0;
    let written = 0;
    for (let i = 0; i < matches.length; i += 2) {
      const [from, to] = [matches[i], matches[i + 1]];
      parts.push(text.slice(at, from), content);
      source.copyRanges(at, from, starts, ends, written);
      written += from - at;
      const last = to > 1 && isHighSurrogate(text.charCodeAt(to - 2)) ? to - 2 : to - 1;
      starts.fill(to === 0 ? source.originStart : source.startOf(last), written, written + content.length);
      ends.fill(to === 0 ? source.originStart : source.endOf(to - 1), written, written + content.length);
      written += content.length;
      at = to;
    }
    parts.push(text.slice(at));
    source.copyRanges(at, text.length, starts, ends, written);
    return new AlignedText(parts.join(""), source.originStart, source.originEnd, { starts, ends, from: 0 });
  }

  /** The text with its matches replaced, for decoding. */
  apply(text: string): string {
    const matches = this.#finder.find(text);
    if (matches.length === 0) return text;
    const parts: string[] = [];
    let at = 0;
    for (let i = 0; i < matches.length; i += 2) {
      parts.push(text.slice(at, matches[i]), this.#content);
      at = matches[i + 1];
    }
    parts.push(text.slice(at));
    return parts.join("");
  }
}

/** Reads a replacement. */
export function readReplace(fields: Fields): Replace {
  return new Replace(readFinder(fields, "pattern"), fields.string("content"));
}

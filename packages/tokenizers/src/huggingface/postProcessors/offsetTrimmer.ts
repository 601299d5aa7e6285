/**
 * The post-processor of byte-level tokenizers: the white space at the ends of a token is not part of its place in the text.
 */

import { characterClasses, SPACE } from "../../unicode/characterClasses.ts";
import type { Columns } from "../columns.ts";
import { ofSequence } from "../columns.ts";
import type { PostProcessor } from "./postProcessor.ts";

/** The symbol of a blank. */
const BLANK = "Ġ";

export class OffsetTrimmer implements PostProcessor {
  readonly #trims: boolean;
  readonly #addsPrefixSpace: boolean;

  constructor(trims: boolean, addsPrefixSpace: boolean) {
    this.#trims = trims;
    this.#addsPrefixSpace = addsPrefixSpace;
  }

  addedTokens(): number {
    return 0;
  }

  process(parts: readonly Columns[], _addsSpecial: boolean, texts: readonly string[]): readonly Columns[] {
    const trimmed = this.#trims ? parts.map((part) => withTrimmedOffsets(part, this.#addsPrefixSpace, texts)) : parts;
    return trimmed.map(ofSequence);
  }
}

/**
 * The same with trimmed offsets, in what overflows too.
 *
 * @param addsPrefixSpace - Whether a blank at the beginning was put there, and so stands for nothing that could be trimmed.
 */
export function withTrimmedOffsets(columns: Columns, addsPrefixSpace: boolean, texts: readonly string[]): Columns {
  const overflowing = columns.overflowing.map((one) => trimmedAlone(one, addsPrefixSpace, texts));
  return { ...trimmedAlone(columns, addsPrefixSpace, texts), overflowing };
}

function trimmedAlone(columns: Columns, addsPrefixSpace: boolean, texts: readonly string[]): Columns {
  const { details } = columns;
  if (details === undefined) return columns;
  const offsets = details.offsets.slice();
  details.tokens.forEach((token, i) => {
    let leading = 0;
    while (leading < token.length && isSpace(token, leading)) leading++;
    let trailing = 0;
    while (trailing < token.length && isSpace(token, token.length - 1 - trailing)) trailing++;
    if (leading === 0 && trailing === 0) return;
    const text = texts[details.sources[i]] ?? "";
    const start = offsets[2 * i];
    const end = offsets[2 * i + 1];
    if (addsPrefixSpace && leading === 1 && (i === 0 || start === 0)) leading = 0;
    offsets[2 * i] = Math.min(forward(text, start, leading), end);
    const trimmed = trailing === 0 ? end : back(text, end, trailing);
    if (trimmed >= 0) offsets[2 * i + 1] = Math.max(trimmed, offsets[2 * i]);
  });
  return { ...columns, details: { ...details, offsets } };
}

function isSpace(token: string, at: number): boolean {
  return token[at] === BLANK || (characterClasses()[token.charCodeAt(at)] & SPACE) !== 0;
}

/** So many characters on. */
function forward(text: string, at: number, characters: number): number {
  for (let i = 0; i < characters; i++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}

/** So many characters back; negative if there are fewer. */
function back(text: string, at: number, characters: number): number {
  for (let i = 0; i < characters; i++) at -= at >= 2 && text.codePointAt(at - 2)! > 0xffff ? 2 : 1;
  return at;
}

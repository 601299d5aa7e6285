/**
 * SentencePiece's normalization rules as Hugging Face's library applies them, which is not as SentencePiece does: a grapheme cluster of few
 * bytes is replaced as a whole if a rule matches its beginning, and otherwise each character by itself; the shortest rule counts.
 */

import { Charsmap } from "../../sentencepiece/charsmap.ts";
import { HAS_VALUE, LABEL_BITS, offsetOf } from "../../sentencepiece/doubleArray.ts";
import { clusterEnd } from "../../unicode/graphemeClusters.ts";
import { utf8Decoder } from "../../utf8.ts";
import type { AlignedText } from "../alignedText.ts";
import { base64Bytes } from "../base64.ts";
import type { Fields } from "../fields.ts";
import { Rewriter } from "../rewriter.ts";
import { utf8Length } from "../utf8Length.ts";
import type { Normalizer } from "./normalizer.ts";

/** Clusters of this many bytes and more are taken apart. */
const LONG_CLUSTER = 6;

export class Precompiled implements Normalizer {
  readonly #units: Int32Array;
  readonly #replacements: Uint8Array;
  /** Whether some rule begins with an ASCII character. */
  readonly #isRuled = new Uint8Array(128);
  /** Replacements asked for so far, by where they begin. */
  readonly #texts = new Map<number, string>();

  constructor(charsmap: Charsmap) {
    this.#units = charsmap.units;
    this.#replacements = charsmap.replacements;
    for (let byte = 1; byte < 128; byte++) this.#isRuled[byte] = charsmap.rootStep(byte) > 0 ? 1 : 0;
  }

  static read(fields: Fields): Precompiled {
    const bytes = base64Bytes(fields.string("precompiled_charsmap"));
    if (bytes === undefined) throw fields.error("precompiled_charsmap", "base64");
    try {
      return new Precompiled(new Charsmap(bytes));
    } catch (cause) {
      const path = fields.pathOf("precompiled_charsmap");
      throw new RangeError(`Tokenizer.fromJSON: expected ${path} to be intact, got a damaged one`, { cause });
    }
  }

  normalize(source: AlignedText): AlignedText {
    const { text } = source;
    const edit = new Edit(source);
    for (let start = 0, end = 0; start < text.length; start = end) {
      end = clusterEnd(text, start);
      if (end === start + 1 && text.charCodeAt(start) < 128 && this.#isRuled[text.charCodeAt(start)] === 0) continue;
      const cluster = text.slice(start, end);
      const replaced = utf8Length(cluster) < LONG_CLUSTER ? this.#replacement(cluster) : undefined;
      if (replaced !== undefined) {
        edit.replace(start, end, replaced);
        continue;
      }
      for (let at = start; at < end;) {
        const next = at + (text.codePointAt(at)! > 0xffff ? 2 : 1);
        const replacement = this.#replacement(text.slice(at, next));
        if (replacement !== undefined) edit.replace(at, next, replacement);
        at = next;
      }
    }
    return edit.finish();
  }

  /** The replacement of the shortest key that a text begins with. */
  #replacement(text: string): string | undefined {
    const units = this.#units;
    let place = offsetOf(units[0]);
    for (let at = 0; at < text.length; at++) {
      const point = text.codePointAt(at)!;
      if (point > 0xffff) at++;
      const width = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      for (let i = 0; i < width; i++) {
        const byte = byteOf(point, width, i);
        place ^= byte;
        if (byte === 0 || place >= units.length) return undefined;
        const unit = units[place];
        if ((unit & LABEL_BITS) !== byte) return undefined;
        place ^= offsetOf(unit);
        if ((unit & HAS_VALUE) !== 0) return this.#textAt(units[place] & 0x7fffffff);
      }
    }
    return undefined;
  }

  #textAt(start: number): string {
    let text = this.#texts.get(start);
    if (text === undefined) {
      text = utf8Decoder().decode(this.#replacements.subarray(start, this.#replacements.indexOf(0, start)));
      this.#texts.set(start, text);
    }
    return text;
  }
}

/** A byte of the UTF-8 of a character. */
function byteOf(point: number, width: number, index: number): number {
  if (width === 1) return point;
  if (index > 0) return 0x80 | ((point >> (6 * (width - 1 - index))) & 63);
  return ((0xf00 >> width) & 0xff) | (point >> (6 * (width - 1)));
}

/** A text with some stretches replaced. */
class Edit {
  readonly #source: AlignedText;
  #rewriter: Rewriter | undefined;
  /** Up to here the source is copied or replaced. */
  #done = 0;
  /** The last character, which is not passed on until it is clear what it stands for; none if negative. */
  #last = -1;
  #lastChange = 0;

  constructor(source: AlignedText) {
    this.#source = source;
  }

  /**
   * Puts new characters for old ones, one for one. Those that are too many are added; if they are too few, the character before, which may be
   * one of an earlier stretch, stands for the rest too.
   */
  replace(start: number, end: number, replacement: string): void {
    this.#rewriter ??= new Rewriter(this.#source);
    this.#copy(start);
    const points = Array.from(replacement, (character) => character.codePointAt(0)!);
    const surplus = points.length - Array.from(this.#source.text.slice(start, end)).length;
    points.forEach((point, i) => this.#push(point, i >= points.length - surplus ? 1 : 0));
    if (surplus < 0) this.#lastChange += surplus;
    this.#done = end;
  }

  finish(): AlignedText {
    if (this.#rewriter === undefined) return this.#source;
    this.#copy(this.#source.text.length);
    this.#push(-1, 0);
    return this.#rewriter.finish();
  }

  #copy(end: number): void {
    for (let at = this.#done; at < end; at++) {
      const point = this.#source.text.codePointAt(at)!;
      if (point > 0xffff) at++;
      this.#push(point, 0);
    }
  }

  #push(point: number, change: number): void {
    if (this.#last >= 0) this.#rewriter?.push(this.#last, this.#lastChange);
    this.#last = point;
    this.#lastChange = change;
  }
}

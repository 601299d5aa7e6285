/**
 * Rewrites a text character by character and keeps track of where each comes from, by the rules of `NormalizedString::transform` in Hugging
 * Face's library: a character that replaces another takes its place in the original, one that is added takes that of the character before it.
 */

import { AlignedText, isHighSurrogate } from "./alignedText.ts";

/** How many units are turned into a string at a time. */
const CHUNK = 8192;

/** Makes the successor of a text. */
export class Rewriter {
  readonly #source: AlignedText;
  /** The units of the source that are rewritten, up to `#stop`; those before `#begin` stay. */
  readonly #begin: number;
  readonly #stop: number;
  #at: number;
  #units: Uint16Array;
  #starts: Int32Array;
  #ends: Int32Array;
  #length = 0;

  constructor(source: AlignedText) {
    const { text } = source;
    this.#source = source;
    // What stands for nothing at the beginning is left as it is, as the library does.
    let begin = 0;
    let stop = text.length;
    if (source.originStart === source.originEnd) stop = 0;
    else while (begin < stop && source.startOf(begin) === source.endOf(begin)) begin++;
    this.#begin = begin;
    this.#stop = stop;
    this.#at = begin;
    const room = text.length + 16;
    this.#units = new Uint16Array(room);
    this.#starts = new Int32Array(room);
    this.#ends = new Int32Array(room);
  }

  /** Leaves out characters before any is pushed; what they stood for is lost. */
  skip(characters: number): void {
    for (let i = 0; i < characters; i++) this.#at += this.#widthAt(this.#at);
  }

  /**
   * Adds a character.
   *
   * @param change - 0 if it replaces the next character of the source, -n if it replaces that and the n after it, positive if it is new.
   */
  push(point: number, change: number): void {
    const source = this.#source;
    let at = this.#at;
    let start = source.originStart;
    let end = start;
    if (change > 0) {
      if (at > 0) {
        end = source.endOf(at - 1);
        start = source.startOf(at > 1 && isHighSurrogate(source.text.charCodeAt(at - 2)) ? at - 2 : at - 1);
      }
    } else {
      const width = at < source.text.length && isHighSurrogate(source.text.charCodeAt(at)) ? 2 : 1;
      start = source.startOf(at);
      end = source.endOf(at + width - 1);
      for (let left = change; left <= 0; left++) at += this.#widthAt(at);
      this.#at = at;
    }
    if (this.#length + 2 > this.#units.length) this.#grow();
    const length = this.#length;
    if (point > 0xffff) {
      this.#units[length] = 0xd7c0 + (point >> 10);
      this.#units[length + 1] = 0xdc00 | (point & 0x3ff);
      this.#starts[length + 1] = start;
      this.#ends[length + 1] = end;
      this.#length += 2;
    } else {
      this.#units[length] = point;
      this.#length++;
    }
    this.#starts[length] = start;
    this.#ends[length] = end;
  }

  /** The new text. */
  finish(): AlignedText {
    const source = this.#source;
    const { text, originStart, originEnd } = source;
    const written = textOf(this.#units, this.#length);
    if (this.#begin === 0 && this.#stop === text.length) {
      return new AlignedText(written, originStart, originEnd, { starts: this.#starts, ends: this.#ends, from: 0 });
    }
    const head = this.#begin;
    const tail = text.length - this.#stop;
    const starts = new Int32Array(head + this.#length + tail);
    const ends = new Int32Array(starts.length);
    source.copyRanges(0, head, starts, ends, 0);
    starts.set(this.#starts.subarray(0, this.#length), head);
    ends.set(this.#ends.subarray(0, this.#length), head);
    source.copyRanges(this.#stop, text.length, starts, ends, head + this.#length);
    const whole = text.slice(0, head) + written + text.slice(this.#stop);
    return new AlignedText(whole, originStart, originEnd, { starts, ends, from: 0 });
  }

  /** Units of the character of the source at `at`; 0 behind the last that is rewritten. */
  #widthAt(at: number): number {
    if (at >= this.#stop) return 0;
    return isHighSurrogate(this.#source.text.charCodeAt(at)) ? 2 : 1;
  }

  #grow(): void {
    const room = 2 * this.#units.length;
    const units = new Uint16Array(room);
    const starts = new Int32Array(room);
    const ends = new Int32Array(room);
    units.set(this.#units);
    starts.set(this.#starts);
    ends.set(this.#ends);
    this.#units = units;
    this.#starts = starts;
    this.#ends = ends;
  }
}

/** Units as a string. */
export function textOf(units: Uint16Array, length: number): string {
  let text = "";
  for (let at = 0; at < length; at += CHUNK) {
    text += String.fromCharCode(...units.subarray(at, Math.min(length, at + CHUNK)));
  }
  return text;
}

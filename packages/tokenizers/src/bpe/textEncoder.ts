/**
 * The hot loop of byte-level BPE: text to UTF-8 once, cut into pieces, each piece looked up whole or merged.
 *
 * Pieces repeat, so most of them are found in a table keyed by their bytes: up to 8 bytes as two 32-bit numbers, which needs no compare of
 * bytes. The table starts with the vocabulary's own tokens and learns as it goes up to a limit, so its memory is bounded. Longer pieces go
 * through the vocabulary (a token of that spelling) and the merger.
 */

import type { ByteSplitter } from "../splitting/byteSplitter.ts";
import { encodeUtf8Into } from "../utf8.ts";
import { Merger } from "./merger.ts";
import type { TokenBytes } from "./tokenBytes.ts";

/** log2 of the number of slots, of four numbers each: low word, high word, length, answer. */
const SLOT_BITS = 19;
const SLOTS = 1 << SLOT_BITS;
/** The table learns until it is half full. */
const LEARNING_LIMIT = SLOTS / 2;
/** Learned ids are kept here; an answer below 0 is the complement of an index, where their count stands first. */
const LEARNED = 1 << 20;
/** Zero bytes after the text, for the splitter and for reading two words at its end. */
const PADDING = 8;

const lowMasks = Int32Array.of(0, 0xff, 0xffff, 0xffffff, -1, -1, -1, -1, -1);
const highMasks = Int32Array.of(0, 0, 0, 0, 0, 0xff, 0xffff, 0xffffff, -1);

/** Turns text without special tokens into ids. */
export class BpeTextEncoder {
  readonly #tokens: TokenBytes;
  readonly #split: ByteSplitter;
  readonly #merger: Merger;
  readonly #slots = new Int32Array(4 * SLOTS);
  #used = 0;
  readonly #learned = new Int32Array(LEARNED);
  #learnedEnd = 0;
  #bytes = new Uint8Array(1 << 12);
  #view = new DataView(this.#bytes.buffer);
  #ids = new Uint32Array(1 << 12);
  #count = 0;

  constructor(tokens: TokenBytes, split: ByteSplitter) {
    this.#tokens = tokens;
    this.#split = split;
    this.#merger = new Merger(tokens);
    const padded = new Uint8Array(PADDING);
    const view = new DataView(padded.buffer);
    for (let id = 0; id < tokens.size; id++) {
      const token = tokens.bytesOf(id);
      if (token.length === 0 || token.length > 8 || this.#used >= LEARNING_LIMIT) continue;
      padded.fill(0);
      padded.set(token);
      this.#put(view.getInt32(0, true), view.getInt32(4, true), token.length, id);
    }
  }

  /** Forgets the ids of the last text. */
  reset(): void {
    this.#count = 0;
  }

  /** A copy of the ids since the last reset. */
  ids(): Uint32Array<ArrayBuffer> {
    return this.#ids.slice(0, this.#count);
  }

  /** Appends one id, such as a special token's. */
  push(id: number): void {
    this.#grow(1);
    this.#ids[this.#count++] = id;
  }

  /** Appends the ids of a text; lone surrogates count as U+FFFD. */
  encode(text: string): void {
    const needed = 3 * text.length + PADDING;
    if (this.#bytes.length < needed) {
      this.#bytes = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      this.#view = new DataView(this.#bytes.buffer);
    }
    const written = encodeUtf8Into(text, this.#bytes);
    this.#bytes.fill(0, written, written + PADDING);
    this.#encodeBytes(written);
  }

  /** Appends the ids of one piece, without splitting it. */
  encodePiece(piece: Uint8Array): void {
    const id = this.#tokens.idOf(piece);
    if (id >= 0) this.push(id);
    else this.#append(this.#merger.merge(piece, 0, piece.length));
  }

  #encodeBytes(end: number): void {
    const bytes = this.#bytes;
    const view = this.#view;
    const slots = this.#slots;
    const split = this.#split;
    for (let start = 0, stop = 0; start < end; start = stop) {
      stop = split(bytes, start, end);
      const length = stop - start;
      if (length > 8) {
        this.#encodeLong(bytes, start, stop);
        continue;
      }
      const low = view.getInt32(start, true) & (lowMasks[length] as number);
      const high = view.getInt32(start + 4, true) & (highMasks[length] as number);
      let slot = slotOf(low, high, length);
      let kept = slots[slot + 2] as number;
      while (kept !== 0 && (slots[slot] !== low || slots[slot + 1] !== high || kept !== length)) {
        slot = (slot + 4) & (4 * SLOTS - 1);
        kept = slots[slot + 2] as number;
      }
      if (kept === 0) this.#learn(bytes, start, stop, low, high);
      else {
        const answer = slots[slot + 3] as number;
        if (answer >= 0) this.push(answer);
        else this.#repeat(~answer);
      }
    }
  }

  #encodeLong(bytes: Uint8Array, start: number, stop: number): void {
    const id = this.#tokens.idOf(bytes, start, stop);
    if (id >= 0) this.push(id);
    else this.#append(this.#merger.merge(bytes, start, stop));
  }

  #learn(bytes: Uint8Array, start: number, stop: number, low: number, high: number): void {
    const whole = this.#tokens.idOf(bytes, start, stop);
    if (whole >= 0) {
      this.push(whole);
      return;
    }
    const count = this.#merger.merge(bytes, start, stop);
    this.#append(count);
    if (this.#used >= LEARNING_LIMIT || this.#learnedEnd + count + 1 > LEARNED) return;
    this.#put(low, high, stop - start, ~this.#learnedEnd);
    this.#learned[this.#learnedEnd++] = count;
    for (let at = 0; at < count; at++) this.#learned[this.#learnedEnd++] = this.#merger.ids[at] as number;
  }

  #repeat(from: number): void {
    const count = this.#learned[from] as number;
    this.#grow(count);
    for (let at = 1; at <= count; at++) this.#ids[this.#count++] = this.#learned[from + at] as number;
  }

  #append(count: number): void {
    this.#grow(count);
    for (let at = 0; at < count; at++) this.#ids[this.#count++] = this.#merger.ids[at] as number;
  }

  #grow(by: number): void {
    if (this.#count + by <= this.#ids.length) return;
    const larger = new Uint32Array(Math.max(2 * this.#ids.length, this.#count + by));
    larger.set(this.#ids.subarray(0, this.#count));
    this.#ids = larger;
  }

  #put(low: number, high: number, length: number, answer: number): void {
    let slot = slotOf(low, high, length);
    while (this.#slots[slot + 2] !== 0) slot = (slot + 4) & (4 * SLOTS - 1);
    this.#slots[slot] = low;
    this.#slots[slot + 1] = high;
    this.#slots[slot + 2] = length;
    this.#slots[slot + 3] = answer;
    this.#used++;
  }
}

function slotOf(low: number, high: number, length: number): number {
  const hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high + length, 0x85ebca6b);
  return ((hash ^ (hash >>> 15)) & (SLOTS - 1)) << 2;
}

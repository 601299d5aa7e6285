/**
 * The hot loop of byte-level BPE: text to UTF-8 once, cut into pieces, each piece looked up whole or merged.
 *
 * Pieces repeat, so nearly all are found in the cache; the others are a token of that spelling, or are merged. A short ASCII word is cut and
 * looked up by the same two numbers.
 */

import { longWordEnd, noWords, type WordRule, wordLength } from "../splitting/asciiWords.ts";
import { type ByteSplitter, PADDING } from "../splitting/byteSplitter.ts";
import { noShortPieces, type ShortPieces, shortPieces } from "../splitting/shortPieces.ts";
import { encodeUtf8Into } from "../utf8.ts";
import { DONE, Kernel, PIECE } from "./kernel.ts";
import { Merger } from "./merger.ts";
import { hashPiece, highMasks, lowMasks, PieceCache, UNKNOWN } from "./pieceCache.ts";
import type { TokenBytes } from "./tokenBytes.ts";

const BLANK = 0x20;
/** Larger scratch arrays are given back by the reset after the text that needed them. */
const KEPT_BYTES = 1 << 24;

/** Merges the bytes of one piece. */
export interface PieceMerger {
  /** The ids of the last piece, from index 0. */
  readonly ids: Int32Array;
  /** Merges the bytes from `start` to `end`; returns the number of ids. */
  merge(bytes: Uint8Array, start: number, end: number): number;
}

/** Turns text without special tokens into ids. */
export class BpeTextEncoder {
  readonly #tokens: TokenBytes | undefined;
  readonly #split: ByteSplitter;
  readonly #words: WordRule;
  readonly #short: ShortPieces;
  readonly #merger: PieceMerger;
  #kernel: Kernel | undefined;
  readonly #cache = new PieceCache();
  #bytes = new Uint8Array(1 << 12);
  #view = new DataView(this.#bytes.buffer);
  #ids = new Uint32Array(1 << 12);
  #count = 0;

  /** @param words - The words that need no splitter, if the pattern is one of those written out by hand. */
  constructor(tokens: TokenBytes, split: ByteSplitter, words: WordRule | undefined);
  /** @param tokens - Where there are some, a piece that is one of them is that token, whatever the merger makes of it. */
  constructor(tokens: TokenBytes | undefined, split: ByteSplitter, words: WordRule | undefined, merger: PieceMerger);
  constructor(tokens: TokenBytes | undefined, split: ByteSplitter, words?: WordRule, merger?: PieceMerger) {
    this.#tokens = tokens;
    this.#split = split;
    this.#words = words ?? noWords;
    this.#short = words === undefined ? noShortPieces : shortPieces(split);
    this.#merger = merger ?? new Merger(tokens as TokenBytes);
    this.#kernel = this.#createKernel();
  }

  /** Forgets the ids of the last text. */
  reset(): void {
    this.#count = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#useBytes(1 << 12);
    if (this.#kernel !== undefined && this.#kernel.textBytes > KEPT_BYTES) this.#kernel = this.#createKernel();
    if (this.#ids.byteLength > KEPT_BYTES) this.#ids = new Uint32Array(1 << 12);
  }

  /** The number of ids since the last reset, which are then forgotten. */
  takeCount(): number {
    const count = this.#count;
    this.reset();
    return count;
  }

  /** A copy of the ids since the last reset, which are then forgotten. */
  ids(): Uint32Array<ArrayBuffer> {
    const ids = this.#ids.slice(0, this.#count);
    this.reset();
    return ids;
  }

  /**
   * Writes the ids since the last reset into an array, and forgets them.
   *
   * @returns Their number.
   * @throws RangeError if the array is too short.
   */
  moveInto(caller: string, target: Uint32Array): number {
    const count = this.#count;
    if (count <= target.length) target.set(this.#ids.subarray(0, count));
    this.reset();
    if (count <= target.length) return count;
    throw new RangeError(
      `${caller}: expected room for ${count} ids, got ${target.length}; text.length is nearly always enough, 3 * text.length always`,
    );
  }

  /** Appends one id, such as a special token's. */
  push(id: number): void {
    this.#grow(1);
    this.#ids[this.#count++] = id;
  }

  /**
   * Appends the ids of a text; lone surrogates count as U+FFFD.
   *
   * @param limit - Stops after the piece with which there are more ids than this.
   */
  encode(text: string, limit: number = 0x3fffffff): void {
    if (this.#kernel !== undefined) {
      this.#run(this.#kernel, text, limit);
      return;
    }
    const needed = 3 * text.length + PADDING;
    if (this.#bytes.length < needed) this.#useBytes(Math.max(needed, 2 * this.#bytes.length));
    const end = encodeUtf8Into(text, this.#bytes);
    this.#bytes.fill(0, end, end + PADDING);
    this.#encodePieces(end, limit);
  }

  /** Appends the ids of one piece, without splitting it. */
  encodePiece(piece: Uint8Array): void {
    this.#append(this.#mergeWhole(piece, 0, piece.length));
  }

  #createKernel(): Kernel | undefined {
    const { kernelPattern, starts } = this.#words;
    return kernelPattern === undefined ? undefined : Kernel.create(kernelPattern, starts, this.#short);
  }

  /** Has the kernel encode a text, and merges the pieces that it does not know yet. */
  #run(kernel: Kernel, text: string, limit: number): void {
    kernel.write(text);
    for (let state = kernel.run(); ; state = kernel.run()) {
      const ids = kernel.takeIds();
      this.#grow(ids.length);
      this.#ids.set(ids, this.#count);
      this.#count += ids.length;
      if (state === DONE || this.#count > limit) return;
      if (state !== PIECE) continue;
      const parts = this.#mergeWhole(kernel.bytes, kernel.start, kernel.stop);
      this.#append(parts);
      kernel.learn(this.#merger.ids, parts);
    }
  }

  /** Cuts the bytes up to `end` into pieces and appends the ids of each. */
  #encodePieces(end: number, limit: number): void {
    const bytes = this.#bytes;
    const view = this.#view;
    const split = this.#split;
    split.begin?.(bytes, end);
    const cache = this.#cache;
    const { starts, cased } = this.#words;
    const { plain, afterBlank } = this.#short;
    let ids = this.#ids;
    let count = this.#count;
    for (let start = 0, stop = 0; start < end && count <= limit; start = stop) {
      let low = view.getInt32(start, true);
      let high = view.getInt32(start + 4, true);
      const kind = starts[low & 255] as number;
      let length = kind === 0 ? 0 : wordLength(low, high, kind, cased);
      if (length === 0) {
        if ((low & 255) !== BLANK)
          length = (low & 0x8080) === 0 ? (plain[((low & 127) << 7) | ((low >> 8) & 127)] as number) : 0;
        else if ((low & 0x808000) === 0) length = afterBlank[((low >> 1) & 0x3f80) | ((low >> 16) & 127)] as number;
      } else if (length === 8) length = longWordEnd(view, start, cased) - start;
      if (length <= 0) {
        stop = split(bytes, start, end);
        if (stop < 0) {
          stop = ~stop;
          continue;
        }
        length = stop - start;
      }
      stop = start + length;
      let hash = 0;
      let answer = 0;
      if (length <= 8) {
        low &= lowMasks[length] as number;
        high &= highMasks[length] as number;
        answer = cache.getShort(low, high, length);
      } else {
        hash = hashPiece(view, start, stop);
        answer = cache.getLong(view, start, stop, hash);
      }
      if (answer >= 0 && count < ids.length) {
        ids[count++] = answer;
        continue;
      }
      const place = ~answer;
      const sequences = cache.sequences;
      const parts = answer < 0 && answer !== UNKNOWN ? (sequences[place] as number) : 0;
      if (parts > 0 && count + parts <= ids.length) {
        for (let part = 1; part <= parts; part++) ids[count++] = sequences[place + part] as number;
      } else {
        this.#count = count;
        if (answer >= 0) this.push(answer);
        else if (answer !== UNKNOWN) this.#repeat(~answer);
        else {
          const parts = this.#mergeWhole(bytes, start, stop);
          this.#append(parts);
          if (length <= 8) cache.learnShort(low, high, length, this.#merger.ids, parts);
          else cache.learnLong(view, start, stop, hash, this.#merger.ids, parts);
        }
        ids = this.#ids;
        count = this.#count;
      }
    }
    this.#count = count;
  }

  /** Puts the ids of a piece into the merger's, be it a token of that spelling or not; returns their number. */
  #mergeWhole(bytes: Uint8Array, start: number, stop: number): number {
    // Where the vocabulary came as merges, merging reaches every token, and the index of their bytes is never built.
    const tokens = this.#tokens;
    const whole = tokens !== undefined && tokens.left === undefined ? tokens.idOf(bytes, start, stop) : -1;
    if (whole < 0) return this.#merger.merge(bytes, start, stop);
    this.#merger.ids[0] = whole;
    return 1;
  }

  #repeat(place: number): void {
    const { sequences } = this.#cache;
    const count = sequences[place] as number;
    this.#grow(count);
    for (let at = 1; at <= count; at++) this.#ids[this.#count++] = sequences[place + at] as number;
  }

  #append(count: number): void {
    this.#grow(count);
    const { ids } = this.#merger;
    for (let at = 0; at < count; at++) this.#ids[this.#count++] = ids[at] as number;
  }

  #grow(by: number): void {
    if (this.#count + by <= this.#ids.length) return;
    const larger = new Uint32Array(Math.max(2 * this.#ids.length, this.#count + by));
    larger.set(this.#ids.subarray(0, this.#count));
    this.#ids = larger;
  }

  #useBytes(length: number): void {
    this.#bytes = new Uint8Array(length);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

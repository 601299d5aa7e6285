/**
 * Text in, counts of pieces out: the hot loop of counting.
 *
 * A document may come in parts and may be larger than memory: whatever stands before the last place where it can be cut is counted and
 * forgotten; only with a pattern of one's own it is held as a whole. Words and short pieces are cut by their first eight bytes, as when encoding (see bpe/textEncoder.ts).
 */

import { highMasks, lowMasks } from "../bpe/pieceCache.ts";
import { longWordEnd, type WordRule, wordLength } from "../splitting/asciiWords.ts";
import { type ByteSplitter, PADDING } from "../splitting/byteSplitter.ts";
import { noShortPieces, type ShortPieces, shortPieces } from "../splitting/shortPieces.ts";
import { type PatternName, type SplitPattern, splittingOf } from "../tiktoken/encodingDefinitions.ts";
import { encodeUtf8Into } from "../utf8.ts";
import { PieceCounts } from "./pieceCounts.ts";
import { lastSafeCut } from "./safeCut.ts";

/** A part of a document to be written at once, in UTF-16 units. */
const PART = 1 << 16;
/** Bytes to be held before the first of them are counted. */
const HELD = 1 << 18;
const BLANK = 0x20;
const noWords: WordRule = { starts: new Uint8Array(256), cased: false };

/** Cuts documents into pieces and counts them. */
export class PieceFeed {
  readonly counts: PieceCounts = new PieceCounts();
  /** Bytes of text so far. */
  written = 0;
  readonly #split: ByteSplitter;
  readonly #words: WordRule;
  readonly #short: ShortPieces;
  readonly #maxPieceBytes: number;
  /** Whether a document can be cut before its end: where that is safe is known for the patterns that have a name. */
  readonly #canCut: boolean;
  /** The text that is not counted yet, of {@link PieceFeed.#end} bytes. */
  #bytes = new Uint8Array(1 << 12);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;
  /** There is no place to cut the text below it. */
  #searched = 0;

  /** @param maxPieceBytes - Longer pieces are left out. */
  constructor(pattern: PatternName | SplitPattern, maxPieceBytes: number) {
    const { createSplitter, words } = splittingOf(pattern);
    this.#split = createSplitter();
    this.#words = words ?? noWords;
    this.#short = words === undefined ? noShortPieces : shortPieces(this.#split);
    this.#canCut = typeof pattern === "string";
    this.#maxPieceBytes = maxPieceBytes;
  }

  /** Takes a part of a document, of at most some 100,000 units at a time: see {@link partsOf}. */
  write(part: string): void {
    this.#makeRoom(3 * part.length);
    const length = encodeUtf8Into(part, this.#bytes.subarray(this.#end));
    this.#end += length;
    this.written += length;
    if (!this.#canCut || this.#end - this.#searched < HELD) return;
    const cut = lastSafeCut(this.#bytes, this.#searched, this.#end);
    if (cut < 0) {
      // The last character may yet turn out to stand before a cut.
      this.#searched = Math.max(0, this.#end - PADDING);
      return;
    }
    this.#count(cut);
    this.#bytes.copyWithin(0, cut, this.#end);
    this.#end -= cut;
    this.#searched = 0;
  }

  /** Ends the document. */
  end(): void {
    this.#count(this.#end);
    this.#end = this.#searched = 0;
    if (this.#bytes.length > 1 << 24) this.#useBytes(1 << 12);
  }

  /** Counts the pieces that begin before `cut`. */
  #count(cut: number): void {
    const bytes = this.#bytes;
    const view = this.#view;
    const end = this.#end;
    const { counts } = this;
    const { starts, cased } = this.#words;
    const { plain, afterBlank } = this.#short;
    bytes.fill(0, end, end + PADDING);
    this.#split.begin?.(bytes, end);
    for (let start = 0, stop = 0; start < cut; start = stop) {
      const low = view.getInt32(start, true);
      const high = view.getInt32(start + 4, true);
      const kind = starts[low & 255] as number;
      let length = kind === 0 ? 0 : wordLength(low, high, kind, cased);
      if (length === 0) {
        if ((low & 255) !== BLANK)
          length = (low & 0x8080) === 0 ? (plain[((low & 127) << 7) | ((low >> 8) & 127)] as number) : 0;
        else if ((low & 0x808000) === 0) length = afterBlank[((low >> 1) & 0x3f80) | ((low >> 16) & 127)] as number;
      } else if (length === 8) length = longWordEnd(view, start, cased) - start;
      if (length <= 0) length = this.#split(bytes, start, end) - start;
      stop = start + length;
      if (stop < 0) stop = ~stop;
      // No piece begins where a pattern of one's own does not match.
      if (length <= 0 || length > this.#maxPieceBytes) continue;
      if (length > 8) counts.addLong(view, start, stop);
      else counts.addShort(low & (lowMasks[length] as number), high & (highMasks[length] as number), length);
    }
  }

  #makeRoom(more: number): void {
    const needed = this.#end + more + PADDING;
    if (needed <= this.#bytes.length) return;
    const held = this.#bytes.subarray(0, this.#end);
    this.#useBytes(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.set(held);
  }

  #useBytes(length: number): void {
    this.#bytes = new Uint8Array(length);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

/** A text in parts for {@link PieceFeed.write}; no pair of surrogates is cut in two. */
export function* partsOf(text: string): Generator<string, void> {
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = Math.min(start + PART, text.length);
    const isPairCut = (text.charCodeAt(end - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(end) & 0xfc00) === 0xdc00;
    if (isPairCut) end++;
    yield text.slice(start, end);
  }
}

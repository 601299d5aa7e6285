/**
 * A text in UTF-8 that grows and shrinks at its end, cut into pieces by an encoding's pattern, with the tokens of all its
 * prefixes. After a change only the last pieces are cut again, and only what is new in them is encoded.
 *
 * Cutting the text off at a place leaves every piece as it is that ends there or before, unless white space runs from it to
 * that place: the patterns look ahead only to tell white space at the end of the text from white space before something else.
 * What added text changes is the affair of openEnd.ts.
 */

import type { MergeTable } from "../bpe/mergeTable.ts";
import { type ByteSplitter, PADDING } from "../splitting/byteSplitter.ts";
import { type Encoding, encodingParts } from "../tiktoken/encoding.ts";
import { mergeTableOf } from "../tiktoken/mergeTableOf.ts";
import { whiteSpaceStart } from "./characters.ts";
import { OPEN_PIECES, OpenEnd } from "./openEnd.ts";
import { PrefixTokens } from "./prefixTokens.ts";

/** OpenAI's longest has 128 bytes. */
const LONGEST_TOKEN = 512;

export class PieceTokens {
  readonly table: MergeTable;
  readonly #split: ByteSplitter;
  readonly #open: OpenEnd;
  /** The text, and zeros after it. */
  bytes: Uint8Array = new Uint8Array(256);
  /** Size of the text. */
  length = 0;
  /** Where each piece begins. */
  readonly starts: number[] = [];
  readonly prefix: PrefixTokens;
  #cutBytes = 0;

  /**
   * An empty text.
   *
   * @param caller - Name of the public function, which begins the messages.
   * @throws TypeError if `encoding` is none; RangeError if its tokens are not in the order of their merges, it has a token of more than
   * 512 bytes, or its pattern is made by `splitPattern`.
   */
  constructor(caller: string, encoding: Encoding) {
    const { split, pattern, tokens } = encodingParts(caller, encoding);
    if (typeof pattern !== "string") {
      throw new RangeError(
        `${caller}: expected an encoding with the pattern of r50k_base, cl100k_base or o200k_base, got ${encoding.name} with one of its own`,
      );
    }
    if (tokens.longest > LONGEST_TOKEN) {
      throw new RangeError(
        `${caller}: expected tokens of at most ${LONGEST_TOKEN} bytes, as each byte of text is looked at from that far, got one of ${tokens.longest} in ${encoding.name}`,
      );
    }
    this.#split = split;
    this.table = mergeTableOf(caller, encoding);
    this.#open = new OpenEnd(this.#split);
    this.prefix = new PrefixTokens(this.table, 0);
  }

  /** Number of tokens. */
  get count(): number {
    return this.prefix.counts[this.length];
  }

  /** Bytes cut into pieces or looked at for a token so far: what tests measure instead of time. */
  get work(): number {
    return this.#cutBytes + this.#open.work + this.prefix.work;
  }

  /** Adds text at the end, well-formed UTF-8. */
  append(text: Uint8Array): void {
    if (text.length === 0) return;
    const place = this.length;
    this.#reserve(place + text.length);
    this.bytes.set(text, place);
    const open = this.#open.start;
    this.#recut(open === undefined ? 0 : this.pieceAt(open), this.#open.append(text, place));
  }

  /** Cuts the text off at a place between two characters. */
  truncate(length: number): void {
    if (length === this.length) return;
    const changed = this.pieceAt(whiteSpaceStart(this.bytes, 0, length));
    const from = this.starts[Math.max(0, changed - OPEN_PIECES)];
    this.bytes.fill(0, length, this.length);
    this.length = length;
    const place = this.#open.goBack(length, from);
    const first = this.pieceAt(this.#open.start ?? from);
    this.#recut(first, this.#open.append(this.bytes.subarray(place, length), place));
  }

  /** Ids of all tokens. */
  ids(): Uint32Array<ArrayBuffer> {
    const { last } = this.prefix;
    const { ids, lengths } = this.table;
    const all = new Uint32Array(this.count);
    let end = this.length;
    for (let i = all.length - 1; i >= 0; i--) {
      all[i] = ids[last[end]];
      end -= lengths[last[end]];
    }
    return all;
  }

  /** Index of the piece that a place is in; a place between two pieces is in the second, the end in the last. */
  pieceAt(place: number): number {
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.starts[middle] <= place) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Where a piece ends, by its index. */
  pieceEnd(piece: number): number {
    return piece + 1 < this.starts.length ? this.starts[piece + 1] : this.length;
  }

  /** The end of the piece that begins at `start`, if the text ended at `end`. */
  cut(start: number, end: number): number {
    const { bytes } = this;
    if (end === this.length) return this.#cut(start, end);
    const after = bytes.slice(end, end + PADDING);
    bytes.fill(0, end, end + PADDING);
    const cut = this.#cut(start, end);
    bytes.set(after, end);
    return cut;
  }

  #cut(start: number, end: number): number {
    const cut = this.#split(this.bytes, start, end);
    this.#cutBytes += cut - start;
    return cut;
  }

  /**
   * Puts new pieces in the place of the last ones, and encodes what is new.
   *
   * @param first - The first piece that may have changed; up to the old length or the new one, whichever is less, the bytes are
   * as they were.
   * @param ends - Where the pieces from this one on end.
   */
  #recut(first: number, ends: readonly number[]): void {
    const { starts, prefix, bytes } = this;
    const length = ends[ends.length - 1] ?? this.starts[first] ?? 0;
    const known = Math.min(length, this.length);
    const old = starts.splice(first).filter((start) => start < known);
    old.push(known);
    this.length = length;
    let start = old[0];
    // As long as the pieces are the old ones, so are their tokens; the first that differs may share its first bytes.
    let isOld = true;
    for (let i = 0; i < ends.length; i++) {
      const end = ends[i];
      const encoded = isOld && i + 1 < old.length ? Math.min(old[i + 1], end) : start;
      prefix.extend(bytes, start, encoded, end);
      starts.push(start);
      isOld &&= end === old[i + 1];
      start = end;
    }
  }

  #reserve(length: number): void {
    this.prefix.reserve(length);
    if (length + PADDING <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(length + PADDING, 2 * this.bytes.length));
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
  }
}

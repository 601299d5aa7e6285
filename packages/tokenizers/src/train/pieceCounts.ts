/**
 * How often each piece of a text occurs: all that byte-level BPE has to know of it. The same words come again and again, so this is small
 * where the text is large.
 *
 * The bytes of all pieces lie one after the other in one array, in the order in which they were first seen; an open-addressing table over
 * them finds a piece by its bytes. Nothing in it is an object of its own, and all of it can be handed to another thread as it is.
 */

import { hashPiece, highMasks, lowMasks } from "../bpe/pieceCache.ts";

/** Zero bytes after the last piece, so that eight bytes can be read wherever a piece begins. */
const PADDING = 8;
/** So that every place fits a 32-bit integer. */
const MOST_BYTES = 2 ** 31 - 2 ** 16;

/** Counted pieces, to be handed on. */
export interface CountedPieces {
  /** Number of pieces. */
  readonly size: number;
  /** Piece `i` begins at `offsets[i]` and ends at `offsets[i + 1]`. */
  readonly offsets: Int32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly counts: Float64Array<ArrayBuffer>;
}

/** A growing table of pieces and their counts. */
export class PieceCounts implements CountedPieces {
  size = 0;
  offsets: Int32Array<ArrayBuffer> = new Int32Array(1 << 10);
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 13);
  counts: Float64Array<ArrayBuffer> = new Float64Array(1 << 10);
  #view = new DataView(this.bytes.buffer);
  #hashes = new Int32Array(1 << 10);
  /** A piece's number in each slot; -1 where it is empty. */
  #slots = new Int32Array(1 << 12).fill(-1);

  /** Bytes of memory that the table takes. */
  get byteLength(): number {
    const arrays = [this.offsets, this.bytes, this.counts, this.#hashes, this.#slots];
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /**
   * Counts a piece of 1 to 8 bytes.
   *
   * @param low - The first four bytes, the first being the lowest; those beyond the piece are 0.
   * @param high - The next four.
   */
  addShort(low: number, high: number, length: number, times = 1): void {
    const hash = hashWords(low, high, length);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const piece = this.#slots[slot] as number;
      if (piece < 0) {
        const start = this.#append(slot, hash, length, times);
        this.#view.setInt32(start, low, true);
        this.#view.setInt32(start + 4, high, true);
        return;
      }
      if (this.#hashes[piece] !== hash) continue;
      const start = this.offsets[piece] as number;
      if ((this.offsets[piece + 1] as number) - start !== length) continue;
      if (((this.#view.getInt32(start, true) ^ low) & (lowMasks[length] as number)) !== 0) continue;
      if (((this.#view.getInt32(start + 4, true) ^ high) & (highMasks[length] as number)) !== 0) continue;
      (this.counts[piece] as number) += times;
      return;
    }
  }

  /** Counts the piece from `start` to `stop`, more than 8 bytes; four more can be read after it. */
  addLong(view: DataView, start: number, stop: number, times = 1): void {
    const hash = mixed(hashPiece(view, start, stop));
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const piece = this.#slots[slot] as number;
      if (piece < 0) {
        const target = this.#append(slot, hash, stop - start, times);
        this.bytes.set(new Uint8Array(view.buffer, view.byteOffset + start, stop - start), target);
        return;
      }
      if (this.#hashes[piece] !== hash || !this.#equals(piece, view, start, stop)) continue;
      (this.counts[piece] as number) += times;
      return;
    }
  }

  /** Adds the counts of another table. */
  addAll({ size, offsets, bytes, counts }: CountedPieces): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let piece = 0; piece < size; piece++) {
      const start = offsets[piece] as number;
      const stop = offsets[piece + 1] as number;
      const length = stop - start;
      if (length > 8) this.addLong(view, start, stop, counts[piece]);
      else {
        const low = view.getInt32(start, true) & (lowMasks[length] as number);
        const high = view.getInt32(start + 4, true) & (highMasks[length] as number);
        this.addShort(low, high, length, counts[piece]);
      }
    }
  }

  /** Hands the counts over and begins anew. */
  take(): CountedPieces {
    const { size, offsets, bytes, counts } = this;
    this.size = 0;
    this.offsets = new Int32Array(1 << 10);
    this.bytes = new Uint8Array(1 << 13);
    this.counts = new Float64Array(1 << 10);
    this.#view = new DataView(this.bytes.buffer);
    this.#hashes = new Int32Array(1 << 10);
    this.#slots = new Int32Array(1 << 12).fill(-1);
    return { size, offsets, bytes, counts };
  }

  #equals(piece: number, view: DataView, start: number, stop: number): boolean {
    let from = this.offsets[piece] as number;
    if ((this.offsets[piece + 1] as number) - from !== stop - start) return false;
    const own = this.#view;
    let at = start;
    for (; at + 4 <= stop; at += 4, from += 4) if (view.getInt32(at, true) !== own.getInt32(from, true)) return false;
    return (
      at === stop || ((view.getInt32(at, true) ^ own.getInt32(from, true)) & (lowMasks[stop - at] as number)) === 0
    );
  }

  /** Makes a new piece of some length, whose bytes are written by the caller; returns the place for them. */
  #append(slot: number, hash: number, length: number, times: number): number {
    const piece = this.size++;
    const start = this.offsets[piece] as number;
    const stop = start + length;
    if (stop > MOST_BYTES) {
      throw new RangeError(`trainBpe: expected at most ${MOST_BYTES} bytes of distinct pieces, got more`);
    }
    if (piece + 2 > this.offsets.length) {
      this.offsets = grown(this.offsets, new Int32Array(2 * this.offsets.length));
      this.counts = grown(this.counts, new Float64Array(2 * this.counts.length));
      this.#hashes = grown(this.#hashes, new Int32Array(2 * this.#hashes.length));
    }
    if (stop + PADDING > this.bytes.length) {
      const larger = Math.min(Math.max(2 * this.bytes.length, stop + PADDING), MOST_BYTES + PADDING);
      this.bytes = grown(this.bytes, new Uint8Array(larger));
      this.#view = new DataView(this.bytes.buffer);
    }
    this.#slots[slot] = piece;
    this.#hashes[piece] = hash;
    this.offsets[piece + 1] = stop;
    this.counts[piece] = times;
    if (3 * this.size > 2 * this.#slots.length) this.#rehash();
    return start;
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length).fill(-1);
    const mask = slots.length - 1;
    for (let piece = 0; piece < this.size; piece++) {
      let slot = (this.#hashes[piece] as number) & mask;
      while (slots[slot] !== -1) slot = (slot + 1) & mask;
      slots[slot] = piece;
    }
    this.#slots = slots;
  }
}

function hashWords(low: number, high: number, length: number): number {
  return mixed(Math.imul(low, 0x9e3779b1) ^ Math.imul(high + length, 0x85ebca6b));
}

/** Lets every bit of a hash depend on all others (the end of MurmurHash3), for tables that are mostly full. */
function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function grown<T extends Int32Array | Float64Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

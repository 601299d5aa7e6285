/**
 * The end of a text as far as it is open: the last pieces, which text that is added can still change, and the new ends of the
 * pieces after each addition. A piece may be a million letters long, and is not scanned again for each letter that is added.
 *
 * It takes two facts about the patterns that have a byte splitter (see splitting/byteSplitter.ts):
 *
 * - Added text changes the last piece, and the one before it if the two can be parts of one piece: a line end and the spaces
 *   after it (another line end makes them one), a word and an apostrophe ("it" and "'", then "s"), or, in o200k, a letter
 *   without case and the capitals after it (a small letter makes them one).
 * - Within a piece it matters how it begins and ends, which classes of characters are in it, and which of them came last; not
 *   how many there are of each. So a long piece is abridged: its first and last characters stay, and of each class the first
 *   and the last one.
 */

import { type ByteSplitter, PADDING } from "../splitting/byteSplitter.ts";
import { kindAt, sizeOf } from "./characters.ts";

/** Pieces that added text can change. */
export const OPEN_PIECES = 2;
/** Characters that stay at the beginning and at the end of an abridged piece: a contraction such as "'ve" is told by three. */
const FIRST = 3;
const LAST = 4;
/** Bytes of the open pieces from which on they are abridged; an abridged one has at most about 30 characters. */
const LIMIT = 512;

/** Abridged pieces, and where the text ended at that time. */
interface Checkpoint {
  readonly place: number;
  readonly bytes: Uint8Array;
  readonly places: Uint32Array;
}

export class OpenEnd {
  readonly #split: ByteSplitter;
  /** The open pieces, abridged, and zeros after them. */
  readonly #bytes = new Uint8Array(2 * LIMIT + PADDING);
  #length = 0;
  /** Place in the text of each character's end, by its place in `#bytes`; and of the beginning, at 0. */
  readonly #places = new Uint32Array(2 * LIMIT + PADDING);
  /** What was open when pieces were abridged, so that a long one need not be scanned again when some of it is cut off. */
  readonly #checkpoints: Checkpoint[] = [];
  /** Bytes cut into pieces so far: what tests measure instead of time. */
  work = 0;

  constructor(split: ByteSplitter) {
    this.#split = split;
  }

  /** Where the first open piece begins in the text; undefined where there is none. */
  get start(): number | undefined {
    return this.#length === 0 ? undefined : this.#places[0];
  }

  /**
   * Goes back to an earlier end of the text.
   *
   * @param length - The length that the text will have.
   * @param from - Where the last pieces of such a text begin, {@link OPEN_PIECES} or more; what is before does not change.
   * @returns where to go on: at `from` with nothing open, or after it, before `length`, with what was open there.
   */
  goBack(length: number, from: number): number {
    let checkpoint = this.#checkpoints.at(-1);
    for (; checkpoint !== undefined && checkpoint.place >= length; checkpoint = this.#checkpoints.at(-1)) {
      this.#checkpoints.pop();
    }
    this.#bytes.fill(0, 0, this.#length);
    this.#length = 0;
    if (checkpoint === undefined || checkpoint.place <= from) return from;
    this.#bytes.set(checkpoint.bytes);
    this.#places.set(checkpoint.places);
    this.#length = checkpoint.bytes.length;
    return checkpoint.place;
  }

  /**
   * Goes on with more of the text.
   *
   * @param text - Well-formed UTF-8.
   * @param place - Where it begins in the text, which is where the open pieces end.
   * @returns the ends of the pieces that were open and of the new ones, as places in the text.
   */
  append(text: Uint8Array, place: number): number[] {
    const closed: number[] = [];
    let open: number[] = [];
    for (let from = 0, to = 0; from < text.length; from = to) {
      to = Math.min(from + LIMIT, text.length);
      while (to < text.length && (text[to] & 0xc0) === 0x80) to--;
      this.#push(text.subarray(from, to), place + from);
      const ends = this.#cut();
      const places = ends.map((end) => this.#places[end]);
      open = places.splice(-OPEN_PIECES);
      for (const end of places) closed.push(end);
      this.#close(ends, place + to);
    }
    return closed.concat(open);
  }

  #push(text: Uint8Array, place: number): void {
    this.#bytes.set(text, this.#length);
    this.#places[this.#length] = place;
    for (let i = 1; i <= text.length; i++) this.#places[this.#length + i] = place + i;
    this.#length += text.length;
  }

  #cut(): number[] {
    const ends: number[] = [];
    for (let start = 0; start < this.#length; start = ends[ends.length - 1]) {
      ends.push(this.#split(this.#bytes, start, this.#length));
    }
    this.work += this.#length;
    return ends;
  }

  /** Lets go of the pieces that no longer change, and abridges the others where they are long. */
  #close(ends: readonly number[], place: number): void {
    const from = ends[ends.length - OPEN_PIECES - 1] ?? 0;
    const length = this.#length;
    const isLong = length - from > LIMIT;
    this.#length = 0;
    this.#places[0] = this.#places[from];
    for (let piece = Math.max(0, ends.length - OPEN_PIECES); piece < ends.length; piece++) {
      this.#keep(ends[piece - 1] ?? 0, ends[piece], isLong);
    }
    this.#bytes.fill(0, this.#length, length);
    if (!isLong) return;
    const bytes = this.#bytes.slice(0, this.#length);
    this.#checkpoints.push({ place, bytes, places: this.#places.slice(0, this.#length + 1) });
  }

  /** Moves a piece to the end of what is kept: as it is, or abridged. */
  #keep(start: number, end: number, isAbridged: boolean): void {
    const bytes = this.#bytes;
    const kept = isAbridged ? landmarks(bytes, start, end) : undefined;
    for (let from = start; from < end;) {
      const to = from + sizeOf(bytes[from]);
      if (kept === undefined || kept.has(from)) {
        this.#places[this.#length + to - from] = this.#places[to];
        bytes.copyWithin(this.#length, from, to);
        this.#length += to - from;
      }
      from = to;
    }
  }
}

/** Where the characters of a piece begin that stay when it is abridged. */
function landmarks(bytes: Uint8Array, start: number, end: number): Set<number> {
  const kept: number[] = [];
  const lastOfKind = new Map<number, number>();
  const last: number[] = [];
  for (let at = start; at < end; at += sizeOf(bytes[at])) {
    const kind = kindAt(bytes, at);
    if (kept.length < FIRST || !lastOfKind.has(kind)) kept.push(at);
    lastOfKind.set(kind, at);
    last.push(at);
    if (last.length > LAST) last.shift();
  }
  return new Set([...kept, ...lastOfKind.values(), ...last]);
}

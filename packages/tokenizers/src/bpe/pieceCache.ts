/**
 * The ids of pieces that came before, by the bytes of the piece.
 *
 * Pieces of up to 8 bytes are keyed by two 32-bit numbers, which are the piece: no bytes are compared. Longer ones are keyed by a hash and
 * compared with a copy, four bytes at a time. The tables learn as they go, so that they are no larger than the text's own variety and stay
 * in the processor's caches; when one is full it starts anew.
 */

/** What a look-up gives for a piece that is not known. */
export const UNKNOWN = -0x80000000;

/** Most entries of each table, and the most room for copies and sequences: some 30 MB in all. */
const SHORT_ENTRIES = 1 << 18;
const LONG_ENTRIES = 1 << 18;
const LONG_WORDS = 1 << 21;
const SEQUENCE_IDS = 1 << 21;
/** Slots that are looked at: a text made to put all its pieces in one place is merged anew, and costs no more than that. */
const PROBES = 32;
/** Longer pieces hardly come twice. */
const LONGEST = 512;

/** What is left of the first four bytes, and of the next four, in a piece of 0 to 8 bytes. */
export const lowMasks: Int32Array = Int32Array.of(0, 0xff, 0xffff, 0xffffff, -1, -1, -1, -1, -1);
export const highMasks: Int32Array = Int32Array.of(0, 0, 0, 0, 0, 0xff, 0xffff, 0xffffff, -1);

/** Known pieces. An answer of 0 or more is the one id of the piece; below, the complement of its place in {@link PieceCache.sequences}. */
export class PieceCache {
  /** Ids of pieces of more than one token: their count, then the ids. */
  sequences: Int32Array = new Int32Array(1 << 10);
  #sequencesEnd = 0;
  /** Low word, high word, length and answer of each slot; length 0 is an empty slot. */
  #short = new Int32Array(4 << 11);
  #shortCount = 0;
  /** Hash, place of the copy, length and answer of each slot; length 0 is an empty slot. */
  #long = new Int32Array(4 << 11);
  #longCount = 0;
  #words = new Int32Array(1 << 12);
  #wordsEnd = 0;

  /**
   * The answer for a piece of 1 to 8 bytes, or {@link UNKNOWN}.
   *
   * @param low - The first four bytes, the first being the lowest; those beyond the piece are 0.
   * @param high - The next four.
   */
  getShort(low: number, high: number, length: number): number {
    const slots = this.#short;
    const mask = slots.length - 1;
    let slot = (hashWords(low, high, length) << 2) & mask;
    for (let probe = 0; probe < PROBES; probe++) {
      const known = slots[slot + 2] as number;
      if (slots[slot] === low && slots[slot + 1] === high && known === length) return slots[slot + 3] as number;
      if (known === 0) return UNKNOWN;
      slot = (slot + 4) & mask;
    }
    return UNKNOWN;
  }

  /** The answer for the bytes from `start` to `stop`, more than 8, or {@link UNKNOWN}. */
  getLong(view: DataView, start: number, stop: number, hash: number): number {
    const length = stop - start;
    const slots = this.#long;
    const mask = slots.length - 1;
    let slot = (hash << 2) & mask;
    for (let probe = 0; probe < PROBES; probe++) {
      const known = slots[slot + 2] as number;
      if (known === 0) return UNKNOWN;
      if (slots[slot] === hash && known === length && this.#equals(view, start, stop, slots[slot + 1] as number)) {
        return slots[slot + 3] as number;
      }
      slot = (slot + 4) & mask;
    }
    return UNKNOWN;
  }

  /** Keeps the ids of a piece of at most 8 bytes, see {@link PieceCache.getShort}. */
  learnShort(low: number, high: number, length: number, ids: Int32Array, count: number): void {
    this.#makeRoom(0, count);
    if (8 * this.#shortCount >= this.#short.length) {
      this.#short = rehashed(this.#short, (slots, at) =>
        hashWords(slots[at] ?? 0, slots[at + 1] ?? 0, slots[at + 2] ?? 0),
      );
    }
    put(this.#short, hashWords(low, high, length), [low, high, length, this.#answer(ids, count)]);
    this.#shortCount++;
  }

  /** Keeps the ids of a longer piece, unless it is so long that it will hardly come twice. */
  learnLong(view: DataView, start: number, stop: number, hash: number, ids: Int32Array, count: number): void {
    const length = stop - start;
    if (length > LONGEST) return;
    const words = (length + 3) >> 2;
    this.#makeRoom(words, count);
    if (8 * this.#longCount >= this.#long.length) this.#long = rehashed(this.#long, (slots, at) => slots[at] ?? 0);
    put(this.#long, hash, [hash, this.#wordsEnd, length, this.#answer(ids, count)]);
    this.#longCount++;
    while (this.#wordsEnd + words > this.#words.length) this.#words = grown(this.#words);
    for (let at = start; at < stop; at += 4) this.#words[this.#wordsEnd++] = wordAt(view, at, stop);
  }

  #equals(view: DataView, start: number, stop: number, place: number): boolean {
    const words = this.#words;
    let at = start;
    for (; at + 4 <= stop; at += 4, place++) if (view.getInt32(at, true) !== words[place]) return false;
    return at === stop || wordAt(view, at, stop) === words[place];
  }

  /** One id as it is; several are kept, and the answer says where. */
  #answer(ids: Int32Array, count: number): number {
    if (count === 1) return ids[0] as number;
    while (this.#sequencesEnd + count + 1 > this.sequences.length) this.sequences = grown(this.sequences);
    const place = this.#sequencesEnd;
    this.sequences[place] = count;
    for (let at = 0; at < count; at++) this.sequences[place + 1 + at] = ids[at] as number;
    this.#sequencesEnd = place + 1 + count;
    return ~place;
  }

  /** Forgets everything when one more piece would not fit. */
  #makeRoom(words: number, count: number): void {
    const fits =
      this.#shortCount < SHORT_ENTRIES &&
      this.#longCount < LONG_ENTRIES &&
      this.#wordsEnd + words <= LONG_WORDS &&
      this.#sequencesEnd + count + 1 <= SEQUENCE_IDS;
    if (fits) return;
    this.#short.fill(0);
    this.#long.fill(0);
    this.#shortCount = this.#longCount = this.#wordsEnd = this.#sequencesEnd = 0;
  }
}

/** A hash of the bytes from `start` to `stop`, four at a time. */
export function hashPiece(view: DataView, start: number, stop: number): number {
  let hash = stop - start;
  let at = start;
  for (; at + 4 <= stop; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  if (at < stop) hash = Math.imul(hash ^ wordAt(view, at, stop), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/** The four bytes at `at` as a number, those from `stop` on being 0. */
function wordAt(view: DataView, at: number, stop: number): number {
  return view.getInt32(at, true) & (lowMasks[Math.min(4, stop - at)] as number);
}

function hashWords(low: number, high: number, length: number): number {
  const hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high + length, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}

/** Writes an entry of four numbers into the first empty slot from its hash on, if it would be found there. */
function put(slots: Int32Array, hash: number, entry: readonly [number, number, number, number]): void {
  const mask = slots.length - 1;
  let slot = (hash << 2) & mask;
  for (let probe = 0; slots[slot + 2] !== 0; probe++) {
    if (probe === PROBES) return;
    slot = (slot + 4) & mask;
  }
  for (let part = 0; part < 4; part++) slots[slot + part] = entry[part] as number;
}

/** The entries in a table of twice the size. */
function rehashed(old: Int32Array, hashAt: (slots: Int32Array, at: number) => number): Int32Array<ArrayBuffer> {
  const slots = new Int32Array(2 * old.length);
  for (let at = 0; at < old.length; at += 4) {
    if (old[at + 2] === 0) continue;
    put(slots, hashAt(old, at), [old[at] ?? 0, old[at + 1] ?? 0, old[at + 2] ?? 0, old[at + 3] ?? 0]);
  }
  return slots;
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}

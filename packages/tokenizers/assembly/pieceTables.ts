/**
 * The ids of pieces that came before, by the bytes of the piece: src/bpe/pieceCache.ts, compiled, with tables of a fixed size.
 */

import {
  COPIES,
  COPIES_END,
  LONG,
  LONG_BITS,
  LONG_END,
  SEQUENCES,
  SEQUENCES_END,
  SHORT,
  SHORT_BITS,
  SHORT_END,
} from "./memory";

/** What a look-up gives for a piece that is not known. An answer of 0 or more is one id; another the complement of an address. */
export const UNKNOWN: i32 = i32.MIN_VALUE;

/** A multiplier whose upper bits depend on all bits of a factor (Fibonacci hashing: 2^64 over the golden ratio). */
const GOLDEN: u64 = 0x9e3779b97f4a7c15;

/** Slots that are looked at: a text made to put all its pieces in one place is merged anew, and costs no more than that. */
const PROBES: i32 = 32;

let shortCount: i32 = 0;
let longCount: i32 = 0;
let copiesEnd: usize = COPIES;
let sequencesEnd: usize = SEQUENCES;

/** The bytes of a piece of 1 to 8 bytes as a number. @param bytes - The eight bytes where it begins. */
export function shortPiece(bytes: u64, length: i32): u64 {
  return bytes & (u64.MAX_VALUE >> <u64>(64 - 8 * length));
}

/** The answer for a piece of 1 to 8 bytes. */
export function getShort(piece: u64, length: i32): i32 {
  let slot = shortSlot(piece, length);
  for (let probe = 0; probe < PROBES; probe++) {
    const known = load<i32>(slot, 8);
    if (load<u64>(slot) === piece && known === length) return load<i32>(slot, 12);
    if (known === 0) return UNKNOWN;
    slot += 16;
    if (slot === SHORT_END) slot = SHORT;
  }
  return UNKNOWN;
}

/** The answer for the bytes from `start` to `stop`, more than 8. */
export function getLong(start: usize, stop: usize): i32 {
  const length = <i32>(stop - start);
  const hash = hashOf(start, stop);
  let slot = longSlot(hash);
  for (let probe = 0; probe < PROBES; probe++) {
    const known = load<i32>(slot, 8);
    if (known === 0) return UNKNOWN;
    if (load<i32>(slot) === <i32>hash && known === length && equals(load<u32>(slot, 4), start, stop)) {
      return load<i32>(slot, 12);
    }
    slot += 16;
    if (slot === LONG_END) slot = LONG;
  }
  return UNKNOWN;
}

/** Keeps the ids of a piece, `count` of them at `ids`, if there is a place for it. */
export function learnPiece(start: usize, stop: usize, ids: usize, count: i32): void {
  const length = <i32>(stop - start);
  if (isFull(length, count)) forget();
  const answer = count === 1 ? load<i32>(ids) : keepSequence(ids, count);
  if (length <= 8) {
    const piece = shortPiece(load<u64>(start), length);
    const slot = emptySlot(shortSlot(piece, length), SHORT, SHORT_END);
    if (slot === 0) return;
    store<u64>(slot, piece);
    store<i32>(slot, length, 8);
    store<i32>(slot, answer, 12);
    shortCount++;
  } else {
    const hash = hashOf(start, stop);
    const slot = emptySlot(longSlot(hash), LONG, LONG_END);
    if (slot === 0) return;
    store<i32>(slot, <i32>hash);
    store<u32>(slot, <u32>copiesEnd, 4);
    store<i32>(slot, length, 8);
    store<i32>(slot, answer, 12);
    memory.copy(copiesEnd, start, length);
    // Room for whole words, so that copies begin at even places.
    copiesEnd += (<usize>length + 7) & ~7;
    longCount++;
  }
}

/** The first empty slot from `slot` on, around from `end` to `begin`; 0 if it would not be found again. */
function emptySlot(slot: usize, begin: usize, end: usize): usize {
  for (let probe = 0; probe < PROBES; probe++) {
    if (load<i32>(slot, 8) === 0) return slot;
    slot += 16;
    if (slot === end) slot = begin;
  }
  return 0;
}

function keepSequence(ids: usize, count: i32): i32 {
  const place = sequencesEnd;
  store<i32>(place, count);
  memory.copy(place + 4, ids, 4 * count);
  sequencesEnd = place + 4 + 4 * count;
  return ~(<i32>place);
}

/** Whether one more piece might not fit; the tables stay a quarter empty. */
function isFull(length: i32, count: i32): bool {
  return (
    shortCount >= 3 << (<i32>SHORT_BITS - 2) ||
    longCount >= 3 << (<i32>LONG_BITS - 2) ||
    copiesEnd + length + 8 > COPIES_END ||
    sequencesEnd + 4 + 4 * count > SEQUENCES_END
  );
}

function forget(): void {
  memory.fill(SHORT, 0, LONG_END - SHORT);
  shortCount = 0;
  longCount = 0;
  copiesEnd = COPIES;
  sequencesEnd = SEQUENCES;
}

function shortSlot(piece: u64, length: i32): usize {
  return SHORT + ((<usize>(((piece ^ <u64>length) * GOLDEN) >> (64 - SHORT_BITS))) << 4);
}

function longSlot(hash: u64): usize {
  return LONG + ((<usize>(hash >> (64 - LONG_BITS))) << 4);
}

/** A hash of the bytes from `start` to `stop`, more than 8: eight at a time, the last eight overlapping. */
function hashOf(start: usize, stop: usize): u64 {
  let hash: u64 = <u64>(stop - start);
  for (let at = start; at + 8 < stop; at += 8) hash = mix(hash ^ load<u64>(at));
  return mix(hash ^ load<u64>(stop - 8));
}

function mix(value: u64): u64 {
  value *= GOLDEN;
  return value ^ (value >> 32);
}

/** Whether the copy at `copy` has the bytes from `start` to `stop`, more than 8. */
function equals(copy: usize, start: usize, stop: usize): bool {
  const shift = copy - start;
  for (let at = start; at + 8 < stop; at += 8) if (load<u64>(at) !== load<u64>(at + shift)) return false;
  return load<u64>(stop - 8) === load<u64>(stop - 8 + shift);
}

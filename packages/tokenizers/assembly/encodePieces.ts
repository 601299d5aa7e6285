/**
 * The kernel's only door: cuts a text into pieces and writes their ids, as long as the pieces are known.
 *
 * It is the loop of src/bpe/textEncoder.ts, compiled. What it cannot do it hands back: to merge a piece for the first time, and to take the
 * ids out when their place is full.
 */

import { AFTER_BLANK, IDS, IDS_FULL, LONGEST, PLAIN, STARTS } from "./memory";
import { getLong, getShort, learnPiece, shortPiece, UNKNOWN } from "./pieceTables";
import { O200K, pieceEnd } from "./splitters";
import { wordEnd } from "./words";

export { AFTER_BLANK, ASCII, IDS, LONGEST, PLAIN, POINTS, STARTS, TEXT } from "./memory";

/** Why {@link run} came back: the text is done, the piece from `position` to `stop` is unknown, or the ids have to be taken out. */
const DONE: i32 = 0;
const PIECE: i32 = 1;
const FULL: i32 = 2;

const BLANK: i32 = 0x20;

/** Where in the text the next piece begins. */
export let position: usize = 0;
/** Where the unknown piece ends. */
export let stop: usize = 0;
/** Where the next id goes. */
export let out: usize = IDS;

/** Writes the ids of pieces from `position` on, up to `end`. */
export function run(pattern: i32, end: usize): i32 {
  const cased: u64 = pattern === O200K ? u64.MAX_VALUE : 0;
  let at = position;
  let to = out;
  while (at < end) {
    if (to >= IDS_FULL) {
      position = at;
      out = to;
      return FULL;
    }
    const bytes = load<u64>(at);
    const start = <i32>load<u8>(STARTS + <usize>(bytes & 255));
    let next = start === 0 ? at : wordEnd(at, bytes, start, cased);
    if (next === at) next += shortLength(<i32>bytes);
    if (next === at) next = pieceEnd(pattern, at, end);
    const length = <i32>(next - at);
    const answer = length <= 8 ? getShort(shortPiece(bytes, length), length) : getLong(at, next);
    if (answer >= 0) {
      store<i32>(to, answer);
      to += 4;
    } else if (answer !== UNKNOWN) {
      let from = <usize>~answer;
      for (let count = load<i32>(from); count > 0; count--) {
        from += 4;
        store<i32>(to, load<i32>(from));
        to += 4;
      }
    } else {
      position = at;
      stop = next;
      out = to;
      return PIECE;
    }
    at = next;
  }
  position = at;
  out = to;
  return DONE;
}

/** Keeps the ids of the unknown piece, `count` of them at `IDS`, and goes on after it. A count of 0 only goes on. */
export function learn(count: i32): void {
  if (count > 0 && <i32>(stop - position) <= LONGEST) learnPiece(position, stop, IDS, count);
  position = stop;
}

/** The length of a piece that its first two characters tell, 0 if they do not. */
function shortLength(first: i32): i32 {
  if ((first & 255) !== BLANK) {
    return (first & 0x8080) === 0 ? <i32>load<u8>(PLAIN + (((first & 127) << 7) | ((first >> 8) & 127))) : 0;
  }
  return (first & 0x808000) === 0 ? <i32>load<u8>(AFTER_BLANK + (((first >> 1) & 0x3f80) | ((first >> 16) & 127))) : 0;
}

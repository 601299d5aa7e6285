/**
 * ASCII words, found eight bytes at a time: src/splitting/asciiWords.ts, compiled, with one 64-bit number for its two of 32.
 */

import { byteAt } from "./characters";

const TOPS: u64 = 0x8080808080808080;
const APOSTROPHE: i32 = 0x27;

/**
 * The end of the word at `at`, or `at` if it takes a closer look.
 *
 * @param bytes - The eight bytes there.
 * @param start - What the table of starts has for the first of them; not 0.
 * @param cased - All bits if a capital after a small letter begins a new word and an apostrophe may go on with it, otherwise none.
 */
export function wordEnd(at: usize, bytes: u64, start: i32, cased: u64): usize {
  let letters = lettersIn(bytes);
  let small = letters & (bytes << 2) & cased;
  // Unmarked bytes end the word; the first byte is in it whatever it is.
  let ends = (~letters & (TOPS << 8)) | (letters & ~small & (small << 8));
  let end = at;
  while (ends === 0) {
    end += 8;
    const word = load<u64>(end);
    const before = small >> 56;
    letters = lettersIn(word);
    small = letters & (word << 2) & cased;
    ends = (~letters & TOPS) | (letters & ~small & ((small << 8) | before));
  }
  end += <usize>(ctz(ends) >> 3);
  const last = byteAt(end);
  if (last >= 0x80 || end - at < <usize>start || (cased !== 0 && last === APOSTROPHE)) return at;
  return end;
}

/** The top bit of each byte that is an ASCII letter; bytes after one of 128 and more may be marked wrongly. */
function lettersIn(word: u64): u64 {
  const small = word | 0x2020202020202020;
  return (small + 0x1f1f1f1f1f1f1f1f) & ~(small + 0x0505050505050505) & ~word & TOPS;
}

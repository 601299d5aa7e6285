/**
 * Short ASCII words, found eight bytes at a time: most pieces of most texts, without a loop over their bytes.
 *
 * The bytes come as two 32-bit numbers, as a look-up by their value needs them anyway. Arithmetic on all four bytes of a number at once marks
 * the letters in their top bits (Lamport 1975, "Multiple byte processing with full-word instructions"); the first unmarked byte ends the
 * word. Whatever is not plainly a word of at most seven bytes before another ASCII character is left to the splitter.
 */

import type { KernelPattern } from "../bpe/kernel.ts";

const TOPS = 0x80808080 | 0;

/** How a pattern begins and ends words. */
export interface WordRule {
  /** For each byte: 1 if a word may begin with it, 2 if it may stand before a word, 0 otherwise. */
  readonly starts: Uint8Array;
  /** Whether a capital after a small letter begins a new word, and an apostrophe may go on with this one. */
  readonly cased: boolean;
  /** The pattern's number in the compiled loop, if that knows it; see src/bpe/kernel.ts. */
  readonly kernelPattern?: KernelPattern;
}

/** What a pattern has of whose words nothing is known. */
export const noWords: WordRule = { starts: new Uint8Array(256), cased: false };

/**
 * The length of the word at the first of eight bytes, 8 if it fills them, 0 if it takes a closer look.
 *
 * @param low - The first four bytes, the first being the lowest.
 * @param high - The next four.
 * @param start - What {@link WordRule.starts} has for the first byte; not 0.
 */
export function wordLength(low: number, high: number, start: number, cased: boolean): number {
  const lowLetters = lettersIn(low);
  const highLetters = lettersIn(high);
  // Unmarked bytes end the word; the first byte is in it whatever it is.
  let lowEnds = ~lowLetters & 0x80808000;
  let highEnds = ~highLetters & TOPS;
  if (cased) {
    const lowSmall = lowLetters & (low << 2);
    const highSmall = highLetters & (high << 2);
    lowEnds |= lowLetters & ~lowSmall & (lowSmall << 8);
    highEnds |= highLetters & ~highSmall & ((highSmall << 8) | (lowSmall >>> 24));
  }
  let length = 0;
  let last = 0;
  if (lowEnds !== 0) {
    const bit = 31 - Math.clz32(lowEnds & -lowEnds);
    length = bit >> 3;
    last = (low >>> (bit - 7)) & 255;
  } else if (highEnds !== 0) {
    const bit = 31 - Math.clz32(highEnds & -highEnds);
    length = 4 + (bit >> 3);
    last = (high >>> (bit - 7)) & 255;
  } else return 8;
  if (last >= 0x80 || length < start || (cased && last === 0x27)) return 0;
  return length;
}

/**
 * The end of a word that goes on after its first eight bytes, 0 if that takes a closer look.
 *
 * @param start - Where the word begins, its first eight bytes being letters or what may stand before them.
 */
export function longWordEnd(view: DataView, start: number, cased: boolean): number {
  let before = 0;
  if (cased) {
    const third = view.getInt32(start + 4, true);
    before = (lettersIn(third) & (third << 2)) >>> 24;
  }
  for (let at = start + 8; ; at += 4) {
    const word = view.getInt32(at, true);
    const letters = lettersIn(word);
    let ends = ~letters & TOPS;
    if (cased) {
      const small = letters & (word << 2);
      ends |= letters & ~small & ((small << 8) | before);
      before = small >>> 24;
    }
    if (ends === 0) continue;
    const bit = 31 - Math.clz32(ends & -ends);
    const last = (word >>> (bit - 7)) & 255;
    return last >= 0x80 || (cased && last === 0x27) ? 0 : at + (bit >> 3);
  }
}

/** The top bit of each byte that is an ASCII letter; bytes after one of 128 and more may be marked wrongly. */
function lettersIn(word: number): number {
  const small = word | 0x20202020;
  return (small + 0x1f1f1f1f) & ~(small + 0x05050505) & ~word & TOPS;
}

/**
 * What each byte may do at the start of a word.
 *
 * @param before - Whether an ASCII character other than a letter may stand before a word and belong to it.
 */
export function wordStarts(before: (character: string) => boolean): Uint8Array {
  const starts = new Uint8Array(256);
  for (let byte = 0; byte < 128; byte++) {
    const character = String.fromCharCode(byte);
    starts[byte] = /[A-Za-z]/.test(character) ? 1 : before(character) ? 2 : 0;
  }
  return starts;
}

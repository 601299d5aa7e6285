/**
 * Pieces of one or two ASCII characters that their first characters tell: a bracket before a blank, a digit before a letter, a line feed
 * before a word, a blank with a comma. They are half the pieces of source code.
 *
 * The tables are not written down but asked of the splitter: where it cuts the same whatever follows, the answer is kept. So they cannot
 * differ from it.
 */

import { encodeUtf8Into } from "../utf8.ts";
import type { ByteSplitter } from "./byteSplitter.ts";

const BLANK = 0x20;
/** ASCII characters that no pattern tells apart share a group; each group is represented by the characters in it that some pattern names. */
const groups: readonly (readonly [members: RegExp, representatives: string])[] = [
  [/[A-Z]/, "ASTLVRE"],
  [/[a-z]/, "astlvre"],
  [/[0-9]/, "0"],
  [/ /, " "],
  [/\n/, "\n"],
  [/\r/, "\r"],
  [/[\t\v\f]/, "\t"],
  [/'/, "'"],
  [/\//, "/"],
  [/[^]/, "!"],
];
/** What may follow: a character of each class, in ASCII and beyond, and the end of the text. */
const followers = [
  "a",
  "A",
  "s",
  "0",
  " ",
  "\n",
  "\r",
  "\t",
  "!",
  "/",
  "'",
  "é",
  "中",
  "\u0301",
  "²",
  "\u00a0",
  "€",
  "",
];

/** Lengths of short pieces; 0 where two characters do not tell. */
export interface ShortPieces {
  /** By the first two characters, 7 bits each. */
  readonly plain: Uint8Array;
  /** By the second and third, where the first is a blank. */
  readonly afterBlank: Uint8Array;
}

/** What a pattern has of which nothing is known. */
export const noShortPieces: ShortPieces = { plain: new Uint8Array(1 << 14), afterBlank: new Uint8Array(1 << 14) };

/** Asks a splitter where short pieces end. */
export function shortPieces(split: ByteSplitter): ShortPieces {
  const plain = new Uint8Array(1 << 14);
  const afterBlank = new Uint8Array(1 << 14);
  const groupOf = Array.from({ length: 128 }, (_, byte) =>
    groups.findIndex(([members]) => members.test(String.fromCharCode(byte))),
  );
  const lengths = groups.map(([, firsts]) => groups.map(([, seconds]) => agreed(split, "", firsts, seconds)));
  const blanks = groups.map(([, firsts]) => groups.map(([, seconds]) => agreed(split, " ", firsts, seconds)));
  // From 1: a zero byte may be the end of the text, which the tables do not know.
  for (let first = 1; first < 128; first++) {
    for (let second = 1; second < 128; second++) {
      const [row, column] = [groupOf[first] ?? 0, groupOf[second] ?? 0];
      if (first !== BLANK) plain[(first << 7) | second] = lengths[row]?.[column] ?? 0;
      afterBlank[(first << 7) | second] = blanks[row]?.[column] ?? 0;
    }
  }
  return { plain, afterBlank };
}

/** The length of the first piece, if it is the same for all pairs of characters and all that may follow, and leaves the last one out. */
function agreed(split: ByteSplitter, before: string, firsts: string, seconds: string): number {
  const bytes = new Uint8Array(24);
  let length = 0;
  for (const first of firsts) {
    for (const second of seconds) {
      for (const follower of followers) {
        const text = before + first + second + follower;
        bytes.fill(0);
        const end = encodeUtf8Into(text, bytes);
        const found = split(bytes, 0, end);
        if (found > before.length + 1 || (length > 0 && found !== length)) return 0;
        length = found;
      }
    }
  }
  return length;
}

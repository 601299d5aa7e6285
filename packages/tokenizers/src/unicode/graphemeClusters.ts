/**
 * What a reader takes for one character: a letter with its accents, a Hangul syllable, a flag.
 *
 * The rules are those for extended grapheme clusters in Unicode 16, whatever version the JavaScript engine has.
 *
 * @see Unicode Standard Annex #29, section 3.1.1
 */

import { CLUSTER_MARK, libraryClasses } from "./libraryClasses.ts";

const FIRST_MARK = 0x300;
const RETURN = 0x0d;
const LINE_FEED = 0x0a;
const JOINER = 0x200d;
const NON_JOINER = 0x200c;

/** Where nothing goes on after a character, nor before it: controls and other characters that cannot be seen. */
const controls = ranges(
  "0-1f 7f-9f ad 61c 180e 200b 200e-200f 2028-202e 2060-206f feff fff0-fffb 13430-1343f 1bca0-1bca3 1d173-1d17a e0000-e001f e0080-e00ff e01f0-e0fff",
);
/** Characters that belong to the next one. */
const prefixes = ranges(
  "600-605 6dd 70f 890-891 8e2 d4e 110bd 110cd 111c2-111c3 113d1 1193f 11941 11a84-11a89 11d46 11f02",
);
/** Consonants that a virama joins to the next, and the viramas. */
const consonants = ranges(
  "915-939 958-95f 978-97f 995-9a8 9aa-9b0 9b2 9b6-9b9 9dc-9dd 9df 9f0-9f1 a95-aa8 aaa-ab0 ab2-ab3 ab5-ab9 af9 " +
    "b15-b28 b2a-b30 b32-b33 b35-b39 b5c-b5d b5f b71 c15-c28 c2a-c39 c58-c5a d15-d3a",
);
const viramas = ranges("94d 9cd acd b4d c4d d4d");
const pictograph = /\p{Extended_Pictographic}/u;

/** The end of the cluster that begins at `start`, in UTF-16 units. */
export function clusterEnd(text: string, start: number): number {
  let point = text.charCodeAt(start);
  // Among the first characters of Unicode, which have no marks, only line ends are more than one.
  if (point < FIRST_MARK && point !== RETURN && !(text.charCodeAt(start + 1) >= FIRST_MARK)) return start + 1;
  const classes = libraryClasses();
  point = text.codePointAt(start)!;
  let at = start + (point > 0xffff ? 2 : 1);
  /** Whether a pictograph, or a consonant with a virama, is waiting for another. */
  let isPicture = isPictograph(point);
  let isConsonant = isIn(consonants, point);
  let isJoined = false;
  let indicators = isIndicator(point) ? 1 : 0;
  while (at < text.length) {
    const next = text.codePointAt(at)!;
    if (point === RETURN && next === LINE_FEED) return at + 1;
    if (isIn(controls, point) || isIn(controls, next)) return at;
    const isMark = (classes[next] & CLUSTER_MARK) !== 0;
    const goesOn =
      isMark ||
      isIn(prefixes, point) ||
      isSyllable(point, next) ||
      (point === JOINER && isPicture && isPictograph(next)) ||
      (isJoined && isIn(consonants, next)) ||
      (indicators % 2 === 1 && isIndicator(point) && isIndicator(next));
    if (!goesOn) return at;
    if (!isMark) {
      isPicture = isPictograph(next);
      isConsonant = isIn(consonants, next);
      isJoined = false;
      indicators = isIndicator(next) ? indicators + 1 : 0;
    } else if (isIn(viramas, next)) isJoined = isConsonant;
    else if (next === NON_JOINER) isConsonant = isJoined = false;
    point = next;
    at += next > 0xffff ? 2 : 1;
  }
  return at;
}

/** Whether two characters are of one Hangul syllable. */
function isSyllable(first: number, second: number): boolean {
  if (first < 0x1100 || second < 0x1100) return false;
  const [before, after] = [hangulKind(first), hangulKind(second)];
  if (before === "L") return after !== "" && after !== "T";
  if (before === "V" || before === "LV") return after === "V" || after === "T";
  return (before === "T" || before === "LVT") && after === "T";
}

/** Leading consonant, vowel, trailing consonant, or a syllable of them. */
function hangulKind(point: number): "" | "L" | "V" | "T" | "LV" | "LVT" {
  if ((point >= 0x1100 && point <= 0x115f) || (point >= 0xa960 && point <= 0xa97c)) return "L";
  if ((point >= 0x1160 && point <= 0x11a7) || (point >= 0xd7b0 && point <= 0xd7c6)) return "V";
  if ((point >= 0x11a8 && point <= 0x11ff) || (point >= 0xd7cb && point <= 0xd7fb)) return "T";
  if (point < 0xac00 || point > 0xd7a3) return "";
  return (point - 0xac00) % 28 === 0 ? "LV" : "LVT";
}

/** Regional indicators, two of which are a flag. */
function isIndicator(point: number): boolean {
  return point >= 0x1f1e6 && point <= 0x1f1ff;
}

function isPictograph(point: number): boolean {
  return point >= 0xa9 && pictograph.test(String.fromCodePoint(point));
}

/** Reads ranges in base 16. */
function ranges(text: string): Int32Array {
  return Int32Array.from(
    text.split(" ").flatMap((range) => {
      const [first, last = first] = range.split("-");
      return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
    }),
  );
}

/** Whether one of the ranges, which ascend, holds a character. */
function isIn(list: Int32Array, point: number): boolean {
  for (let i = 0; i < list.length && list[i] <= point; i += 2) if (point <= list[i + 1]) return true;
  return false;
}

/**
 * SentencePiece's normalization rules, derived from what `normalizationRuleData.ts` holds.
 *
 * A rule replaces a character by its NFKC form, or a decomposed sequence by the character that it composes into. Every
 * character of such a sequence may also be one that NFKC replaces by it: all those spellings are rules of their own, which is
 * how some 7000 facts and the arithmetic of Hangul make 225,000 rules. `nmt` makes more characters a space and drops
 * controls; `cf` folds case. Longer sequences are not reordered, so that this is less than the whole of NFKC.
 *
 * Follows `builder.cc` of SentencePiece.
 *
 * @see https://www.unicode.org/reports/tr15/
 */

import { packedCompositions, packedFolds, packedReplacements } from "./normalizationRuleData.ts";
import type { NormalizationRuleName } from "./options.ts";

/** What is replaced, and by what. */
export interface NormalizationRules {
  readonly replacements: ReadonlyMap<string, string>;
  /** Whether, and from what letters, Hangul syllables are composed as well. */
  readonly hangul?: HangulLetters;
}

/** The ways to write each letter of Hangul, in the order of the syllables that they compose. */
export interface HangulLetters {
  readonly leads: readonly (readonly string[])[];
  readonly vowels: readonly (readonly string[])[];
  /** Those that end a syllable; without them it ends with its vowel. */
  readonly tails: readonly (readonly string[])[];
}

/** Code points that `nmt` makes a space. */
const spaces = [0x09, 0x0a, 0x0c, 0x0d, 0x1680, 0x200b, 0x200c, 0x200e, 0x200f, 0x2028, 0x2029, 0x2581, 0xfeff, 0xfffd];
/** First and last code points that `nmt` drops. */
const dropped = [
  [0x01, 0x08],
  [0x0b, 0x0b],
  [0x0e, 0x1f],
  [0x7f, 0x7f],
  [0x8f, 0x8f],
  [0x9f, 0x9f],
] as const;
/** It means something else than its half-width form in Japanese, and `nmt` keeps it. */
const FULL_WIDTH_TILDE = "\uff5e";

/** The rules of a rule set. */
export function normalizationRules(name: Exclude<NormalizationRuleName, "identity">): NormalizationRules {
  const { replacements, hangul } = compatibilityRules();
  if (name.startsWith("nmt")) {
    for (const point of spaces) replacements.set(String.fromCodePoint(point), " ");
    for (const [first, last] of dropped) {
      for (let point = first; point <= last; point++) replacements.set(String.fromCodePoint(point), "");
    }
    replacements.delete(FULL_WIDTH_TILDE);
  }
  if (name.endsWith("_cf")) {
    const folds = unpack(packedFolds);
    for (const [text, replacement] of replacements) {
      replacements.set(text, Array.from(replacement, (character) => folds.get(character) ?? character).join(""));
    }
    for (const [text, folded] of folds) if (!replacements.has(text)) replacements.set(text, folded);
  }
  return { replacements, hangul };
}

/** The rules of `nfkc`. */
function compatibilityRules(): { replacements: Map<string, string>; hangul: HangulLetters } {
  const replacements = unpack(packedReplacements);
  const compositions = unpack(packedCompositions);
  /** Each character with those that NFKC replaces by it alone. */
  const variants = new Map<string, string[]>();
  for (const [text, replacement] of replacements) {
    const isOne = String.fromCodePoint(replacement.codePointAt(0)!) === replacement;
    if (!isOne || compositions.has(replacement) || isSyllable(replacement)) continue;
    const list = variants.get(replacement) ?? [replacement];
    list.push(text);
    variants.set(replacement, list);
  }
  const variantsOf = (character: string) => variants.get(character) ?? [character];
  for (const [composed, sequence] of compositions) {
    let spellings = [""];
    for (const character of sequence) {
      spellings = spellings.flatMap((start) => variantsOf(character).map((end) => start + end));
    }
    for (const spelling of spellings) replacements.set(spelling, composed);
  }
  const letters = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => variantsOf(String.fromCharCode(first + i)));
  return {
    replacements,
    hangul: { leads: letters(0x1100, 19), vowels: letters(0x1161, 21), tails: letters(0x11a8, 27) },
  };
}

function isSyllable(character: string): boolean {
  return character >= "\uac00" && character <= "\ud7a3" && character.length === 1;
}

/** Entries `gap*count=points`: how many code points are passed over, for how many both sides count up, the text. */
function unpack(packed: string): Map<string, string> {
  const rules = new Map<string, string>();
  let point = 0;
  for (const entry of packed.split(" ")) {
    const [key, text] = entry.split("=");
    const [gap, count = "1"] = key.split("*");
    if (gap !== "") point += Number.parseInt(gap, 36);
    const points = text.split(".").map((digits) => Number.parseInt(digits, 36));
    for (let left = Number.parseInt(count, 36); left > 0; left--) {
      rules.set(String.fromCodePoint(point++), String.fromCodePoint(...points));
      points[0]++;
    }
  }
  return rules;
}

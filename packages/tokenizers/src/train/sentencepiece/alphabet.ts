/**
 * The characters that the vocabulary has: those that are required, and then the most frequent ones until they cover enough
 * of the text.
 *
 * Follows `LoadSentences` of SentencePiece's `trainer_interface.cc`.
 */

import { characterLength } from "../../sentencepiece/segments.ts";
import { codePointAt } from "./codePoint.ts";
import { BOUNDARY, SPACE_MARK, UNKNOWN } from "./pieceRule.ts";
import type { WordTable } from "./wordTable.ts";

/** A character with its count. */
export interface CountedCharacter {
  readonly point: number;
  readonly count: number;
}

/** Options of {@link chooseAlphabet}. */
export interface AlphabetOptions {
  readonly characterCoverage: number;
  readonly requiredChars: string;
  /** Takes all characters. */
  readonly useAllVocab: boolean;
}

/**
 * Chooses characters.
 *
 * @param words - The text. Its words' counts are those of their characters.
 * @returns The characters, the most frequent first.
 */
export function chooseAlphabet(words: WordTable, options: AlphabetOptions): CountedCharacter[] {
  const counts = countCharacters(words);
  const required = new Set(Array.from(options.requiredChars, (character) => character.codePointAt(0)!));
  required.delete(0);
  for (const point of required) if (!counts.has(point)) counts.set(point, 0);
  let total = 0;
  for (const count of counts.values()) total += count;
  const candidates = Array.from(counts, ([point, count]) => ({
    point,
    count,
    isRequired: required.has(point) ? 1 : 0,
  }));
  candidates.sort((a, b) => b.isRequired - a.isRequired || b.count - a.count || a.point - b.point);

  const coverage = Math.fround(options.characterCoverage);
  const chosen: CountedCharacter[] = [];
  let covered = 0;
  for (const { point, count } of candidates) {
    if (!options.useAllVocab && Math.fround(covered / total) >= coverage) break;
    covered += count;
    if (point !== BOUNDARY) chosen.push({ point, count });
  }
  return chosen.sort((a, b) => b.count - a.count || a.point - b.point);
}

function countCharacters({ bytes, starts, counts, size }: WordTable): Map<number, number> {
  const ascii = new Float64Array(128);
  const found = new Map<number, number>();
  for (let word = 0; word < size; word++) {
    const end = starts[word + 1];
    for (let at = starts[word]; at < end;) {
      const byte = bytes[at];
      if (byte < 128) {
        ascii[byte] += counts[word];
        at++;
        continue;
      }
      const point = codePointAt(bytes, at);
      found.set(point, (found.get(point) ?? 0) + counts[word]);
      at += characterLength(byte);
    }
  }
  // Neither zero nor the space, which text has only as its mark, is a character to learn.
  ascii.forEach((count, point) => {
    if (count > 0 && point !== 0 && point !== 0x20) found.set(point, count);
  });
  return found;
}

/** @throws RangeError if a character to be required has a meaning of its own during training. */
export function checkRequiredChars(requiredChars: string): void {
  for (const point of [UNKNOWN, 0x20]) {
    if (requiredChars.includes(String.fromCodePoint(point))) {
      throw new RangeError(
        `trainSentencePiece: expected requiredChars without U+${point.toString(16).toUpperCase().padStart(4, "0")}` +
          (point === 0x20
            ? ` (the mark of spaces is U+${SPACE_MARK.toString(16)})`
            : ", which stands for unknown characters"),
      );
    }
  }
}

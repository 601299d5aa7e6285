/**
 * The text as trainers see it: sentences (or words) of code points with counts, where every character outside the alphabet
 * is the unknown one.
 */

import { characterLength } from "../../sentencepiece/segments.ts";
import { codePointAt } from "./codePoint.ts";
import type { Corpus } from "./corpus.ts";
import { Int32List } from "./int32List.ts";
import { UNKNOWN } from "./pieceRule.ts";

/** Sentence `i` is the code points `starts[i]` to `starts[i + 1]`. */
export interface TrainingText {
  readonly size: number;
  readonly points: Int32Array;
  readonly starts: Int32Array;
  readonly counts: Float64Array;
}

/** Words, the most frequent first, then by their spelling. */
export function textOfWords({ words }: Corpus, alphabet: ReadonlySet<number>): TrainingText {
  const text = decode(words, alphabet);
  const { points, starts, counts } = text;
  const kept = withoutDuplicates(text);
  kept.sort(
    (a, b) => counts[b] - counts[a] || comparePoints(points, starts[a], starts[a + 1], starts[b], starts[b + 1]),
  );
  return pick(text, kept);
}

/** Whole sentences in their order; those that are the same come once, with their count, or each on its own. */
export function textOfSentences(corpus: Corpus, alphabet: ReadonlySet<number>, distinct: boolean): TrainingText {
  const text = decode(corpus.words, alphabet);
  const order = withoutEmpty(corpus.order);
  if (!distinct) return { ...pick(text, Int32Array.from(order)), counts: new Float64Array(order.length).fill(1) };
  const filled = order.filter((sentence) => sentence >= 0);
  return pick(text, Int32Array.from(new Set(filled)));
}

/**
 * Takes empty sentences out as the original does: the last one moves to where the empty one was, and is not looked at again;
 * so an empty one may stay.
 */
function withoutEmpty(order: readonly number[]): number[] {
  const kept = order.slice();
  for (let at = 0; at < kept.length; at++) {
    if (kept[at] >= 0) continue;
    kept[at] = kept[kept.length - 1];
    kept.pop();
  }
  return kept;
}

function decode(
  words: Corpus["words"],
  alphabet: ReadonlySet<number>,
): TrainingText & { readonly hasUnknown: Uint8Array } {
  const { bytes, size } = words;
  const isKnown = new Uint8Array(0x110000);
  for (const point of alphabet) isKnown[point] = 1;
  const points = new Int32List();
  const starts = new Int32Array(size + 1);
  const hasUnknown = new Uint8Array(size);
  for (let word = 0; word < size; word++) {
    const end = words.starts[word + 1];
    for (let at = words.starts[word]; at < end; at += characterLength(bytes[at])) {
      const point = codePointAt(bytes, at);
      points.push(isKnown[point] === 1 ? point : UNKNOWN);
      if (isKnown[point] === 0) hasUnknown[word] = 1;
    }
    starts[word + 1] = points.length;
  }
  return { size, points: points.items, starts, counts: words.counts.slice(0, size), hasUnknown };
}

/** Numbers of the words that differ; their counts take in those of the others. */
function withoutDuplicates({ points, starts, counts, size, hasUnknown }: ReturnType<typeof decode>): Int32Array {
  const kept = new Int32List();
  const first = new Map<string, number>();
  for (let word = 0; word < size; word++) {
    if (hasUnknown[word] === 1) {
      const spelling = spell(points, starts[word], starts[word + 1]);
      const same = first.get(spelling);
      if (same !== undefined) {
        counts[same] += counts[word];
        continue;
      }
      first.set(spelling, word);
    }
    kept.push(word);
  }
  return kept.items.slice(0, kept.length);
}

function pick(text: TrainingText, sentences: Int32Array): TrainingText {
  const size = sentences.length;
  const starts = new Int32Array(size + 1);
  const counts = new Float64Array(size);
  sentences.forEach((sentence, i) => {
    starts[i + 1] = starts[i] + (sentence < 0 ? 0 : text.starts[sentence + 1] - text.starts[sentence]);
    counts[i] = sentence < 0 ? 1 : text.counts[sentence];
  });
  const points = new Int32Array(starts[size]);
  sentences.forEach((sentence, i) => {
    if (sentence >= 0) points.set(text.points.subarray(text.starts[sentence], text.starts[sentence + 1]), starts[i]);
  });
  return { size, points, starts, counts };
}

/** Compares two ranges code point by code point, the shorter first, which is the order of their UTF-8. */
export function comparePoints(points: Int32Array, a: number, endA: number, b: number, endB: number): number {
  for (; a < endA && b < endB; a++, b++) if (points[a] !== points[b]) return points[a] - points[b];
  return endA - a - (endB - b);
}

/** The string of a range. */
export function spell(points: Int32Array, start: number, end: number): string {
  let text = "";
  for (; start < end; start += 1024)
    text += String.fromCodePoint(...points.subarray(start, Math.min(end, start + 1024)));
  return text;
}

/**
 * What the training of a unigram model begins with: all characters, and the strings that occur repeatedly, those first
 * that cover most of the text.
 *
 * Follows `MakeSeedSentencePieces` of SentencePiece's `unigram_model_trainer.cc`.
 */

import { characterLength } from "../../sentencepiece/segments.ts";
import type { CountedCharacter } from "./alphabet.ts";
import { codePointAt } from "./codePoint.ts";
import type { Corpus } from "./corpus.ts";
import { Int32List } from "./int32List.ts";
import { type PieceRule, UNKNOWN } from "./pieceRule.ts";
import { type MarkedWords, repeatedSubstrings } from "./repeatedSubstrings.ts";

/** Piece `i` is the code points `starts[i]` to `ends[i]`, with its score. */
export interface SeedPieces {
  readonly points: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly scores: Float32Array;
}

const { fround, log } = Math;

/**
 * Finds the seeds.
 *
 * @param size - How many there are at most, unless there are more characters.
 */
export function seedPieces(
  corpus: Corpus,
  alphabet: readonly CountedCharacter[],
  rule: PieceRule,
  { seedSentencepieceSize, maxSentencepieceLength }: { seedSentencepieceSize: number; maxSentencepieceLength: number },
): SeedPieces {
  const marked = markWords(corpus, new Set(alphabet.map(({ point }) => point)));
  const { places, lengths, counts } = repeatedSubstrings(marked, maxSentencepieceLength);
  const kept = new Int32List();
  for (let i = 0; i < places.length; i++) {
    if (rule.allows(marked.points, places[i], places[i] + lengths[i])) kept.push(i);
  }
  const order = kept.items.slice(0, kept.length);
  order.sort((a, b) => counts[b] * lengths[b] - counts[a] * lengths[a] || a - b);

  const characters = alphabet.filter(({ count }) => count > 0);
  // As in the original, there is no limit where the characters alone exceed it.
  const room = seedSentencepieceSize - characters.length;
  const strings = room < 0 ? order : order.subarray(0, room);
  // The characters' code points stand behind those of the words.
  const points = new Int32Array(marked.points.length + characters.length);
  points.set(marked.points);
  const starts = new Int32Array(characters.length + strings.length);
  const ends = new Int32Array(starts.length);
  const scores = new Float32Array(starts.length);
  characters.forEach(({ point, count }, i) => {
    starts[i] = marked.points.length + i;
    ends[i] = starts[i] + 1;
    points[starts[i]] = point;
    scores[i] = count;
  });
  strings.forEach((string, i) => {
    starts[characters.length + i] = places[string];
    ends[characters.length + i] = places[string] + lengths[string];
    scores[characters.length + i] = counts[string] * lengths[string];
  });
  toLogarithms(scores);
  return { points, starts, ends, scores };
}

/** Turns counts into logarithms of shares; the sum is that of single precision. */
function toLogarithms(scores: Float32Array): void {
  let sum = 0;
  for (const score of scores) sum = fround(sum + score);
  const whole = fround(log(sum));
  for (let i = 0; i < scores.length; i++) scores[i] = log(scores[i]) - whole;
}

function markWords({ words, followers }: Corpus, alphabet: ReadonlySet<number>): MarkedWords {
  const { bytes, starts, size } = words;
  const isKnown = new Uint8Array(0x110000);
  for (const point of alphabet) isKnown[point] = 1;
  const known = (point: number) => (isKnown[point] === 1 ? point : UNKNOWN);
  const points = new Int32List();
  for (let word = 0; word < size; word++) {
    for (let at = starts[word]; at < starts[word + 1]; at += characterLength(bytes[at])) {
      points.push(known(codePointAt(bytes, at)));
    }
    points.push(-1 - word);
  }
  const from = new Int32Array(size + 1);
  for (const follower of followers) from[Math.floor(follower / 2 ** 21) + 1]++;
  for (let word = 0; word < size; word++) from[word + 1] += from[word];
  const sorted = new Int32Array(followers.size);
  const next = from.slice();
  for (const follower of followers) {
    const point = follower % 2 ** 21;
    sorted[next[Math.floor(follower / 2 ** 21)]++] = point === 0 ? 0 : known(point);
  }
  return { points: points.items.subarray(0, points.length), counts: words.counts, from, followers: sorted };
}

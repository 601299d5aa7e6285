/**
 * The unigram model: of all ways to cut a text into pieces, the one with the highest sum of scores (Viterbi).
 *
 * Scores are added as the original adds them, each sum of doubles stored as a float32, since rounding decides many a
 * tie; of equal sums the first found stays, which is the one with the earlier last cut. This is what versions 0.1.97 to
 * 0.2.1 do; 0.2.3 compares sums that are rounded already, by which 19 of 100,275 lines of English come out with two
 * equally good pieces swapped.
 *
 * @see T. Kudo, "Subword Regularization" (2018), https://arxiv.org/abs/1804.10959
 */

import { encodeUtf8 } from "../utf8.ts";
import { HAS_VALUE, LABEL_BITS, offsetOf } from "./doubleArray.ts";
import { characterLength, type Segmenter, type Segments } from "./segments.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** How much worse than the worst piece an unknown character is. */
const UNKNOWN_PENALTY = 10;
/** The smallest normal float32: the best score of a model whose scores are all below it. */
const SMALLEST_FLOAT = 2 ** -126;
/** Scratch for longer texts is not kept. */
const KEPT = 1 << 20;

/** The scores of a unigram model as segmentation uses them. */
export interface UnigramScores {
  /** The lowest and the highest score of a normal piece. */
  readonly lowest: number;
  readonly highest: number;
  /** The score of an unknown character. */
  readonly unknown: number;
}

/** Range of the normal pieces' scores, before {@link SentencePieceProcessor.setVocabulary} makes some of them unused. */
export function unigramScores({ kinds, scores }: Vocabulary): UnigramScores {
  let lowest = 3.4028234663852886e38;
  let highest = SMALLEST_FLOAT;
  kinds.forEach((kind, id) => {
    if (kind !== "normal") return;
    lowest = Math.min(lowest, scores[id]);
    highest = Math.max(highest, scores[id]);
  });
  return { lowest, highest, unknown: Math.fround(lowest - UNKNOWN_PENALTY) };
}

/** The score of a user-defined piece, which makes it always win; a double, not rounded to float32. */
function userDefinedScore(length: number, highest: number): number {
  return Math.fround(length * highest) - 0.1;
}

/** Best segmentation under a unigram model. */
export class UnigramSegmenter implements Segmenter {
  readonly #vocabulary: Vocabulary;
  readonly #unknown: number;
  /** Score by id; NaN, which is larger than nothing, for pieces that must not match. */
  readonly #scores: Float64Array;
  /** By end: the score of the best segmentation so far, and where its last piece begins and what it is. */
  #best = new Float32Array(1024);
  #starts = new Int32Array(1024);
  #ids = new Int32Array(1024);

  constructor(vocabulary: Vocabulary, { highest, unknown }: UnigramScores) {
    this.#vocabulary = vocabulary;
    this.#unknown = unknown;
    this.#scores = Float64Array.from(vocabulary.scores);
    vocabulary.kinds.forEach((kind, id) => {
      if (kind === "unused") this.#scores[id] = Number.NaN;
      if (kind === "userDefined") {
        this.#scores[id] = userDefinedScore(encodeUtf8(vocabulary.pieces[id]).length, highest);
      }
    });
  }

  segment(bytes: Uint8Array, length: number, segments: Segments): void {
    const { unkId, trie } = this.#vocabulary;
    const { units } = trie;
    const scores = this.#scores;
    const unknown = this.#unknown;
    this.#reserve(length + 1);
    const best = this.#best;
    const starts = this.#starts;
    const ids = this.#ids;
    const root = offsetOf(units[0]);
    best.fill(Number.NEGATIVE_INFINITY, 0, length + 1);
    best[0] = 0;
    let next = 0;
    for (let start = 0; start < length; start = next) {
      const score = best[start];
      next = Math.min(length, start + characterLength(bytes[start]));
      let isKnown = false;
      let place = root;
      // The zero byte behind the text ends the walk.
      for (let at = start; ;) {
        const byte = bytes[at++];
        place ^= byte;
        const unit = units[place];
        if ((unit & LABEL_BITS) !== byte) break;
        place ^= offsetOf(unit);
        if ((unit & HAS_VALUE) === 0) continue;
        const id = units[place] & 0x7fffffff;
        const pieceScore = scores[id];
        const candidate = pieceScore + score;
        if (candidate > best[at]) {
          best[at] = candidate;
          starts[at] = start;
          ids[at] = id;
        }
        if (at === next && !Number.isNaN(pieceScore)) isKnown = true;
      }
      if (isKnown) continue;
      const candidate = Math.fround(unknown + score);
      if (candidate > best[next]) {
        best[next] = candidate;
        starts[next] = start;
        ids[next] = unkId;
      }
    }
    this.#trace(length, segments);
    if (length > KEPT) this.#reserve(0);
  }

  #trace(length: number, segments: Segments): void {
    if (length > 0 && this.#best[length] === Number.NEGATIVE_INFINITY) {
      throw new RangeError("encode: expected scores whose sum over the text is finite; the model's are too large");
    }
    let count = 0;
    for (let end = length; end > 0; end = this.#starts[end]) count++;
    segments.count = 0;
    segments.reserve(count);
    segments.count = count;
    for (let end = length; end > 0; end = this.#starts[end]) {
      segments.ends[--count] = end;
      segments.ids[count] = this.#ids[end];
    }
  }

  #reserve(size: number): void {
    if (size > 0 && size <= this.#best.length) return;
    const capacity = Math.max(1024, size === 0 ? 0 : size + (size >> 1));
    this.#best = new Float32Array(capacity);
    this.#starts = new Int32Array(capacity);
    this.#ids = new Int32Array(capacity);
  }
}

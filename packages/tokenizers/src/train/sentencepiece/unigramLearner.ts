/**
 * Unigram language models as SentencePiece trains them: from many pieces to few, by turns of fitting the pieces' probabilities
 * (expectation and maximization) and of dropping those without which the text's likelihood falls least.
 *
 * All sums are float32 and go in the order of the original's with one thread.
 *
 * Follows `unigram_model_trainer.cc` of SentencePiece 0.1.97.
 *
 * @see T. Kudo, "Subword Regularization" (2018), https://arxiv.org/abs/1804.10959
 */

import type { Pace } from "../pace.ts";
import type { CountedCharacter } from "./alphabet.ts";
import { alternativeOf } from "./alternatives.ts";
import type { LearnedPiece } from "./assembleModel.ts";
import { digamma } from "./digamma.ts";
import { SeedSpans } from "./seedSpans.ts";
import type { SeedPieces } from "./seedPieces.ts";
import { TrainingLattice } from "./trainingLattice.ts";
import { comparePoints, spell, type TrainingText } from "./trainingText.ts";
import { UnigramPieces } from "./unigramPieces.ts";

const { fround, log } = Math;
/** Pieces that are expected less often go. */
const LEAST_EXPECTED = 0.5;
/** By how much the scores of required characters without one are apart. */
const PENALTY: number = fround(0.0001);
/** The clock is looked at after so many sentences. */
const LOOK = 256;

/** Fits and prunes. */
export class UnigramLearner {
  readonly pieces: UnigramPieces;
  readonly #text: TrainingText;
  readonly #lattice = new TrainingLattice();
  readonly #spans = new SeedSpans();
  readonly #pause: () => Promise<void>;
  readonly #pace: Pace;

  /** @param pause - Called and waited for when `pace` is due. */
  constructor(text: TrainingText, seeds: SeedPieces, pace: Pace, pause: () => Promise<void>) {
    this.#text = text;
    this.pieces = new UnigramPieces(seeds);
    this.#pace = pace;
    this.#pause = pause;
  }

  /** One step of expectation and maximization, which also drops pieces that hardly occur. */
  async fit(): Promise<void> {
    const expected = await this.#expect();
    const kept: number[] = [];
    let sum = 0;
    for (let piece = 0; piece < expected.length; piece++) {
      if (expected[piece] < LEAST_EXPECTED) continue;
      kept.push(piece);
      sum = fround(sum + expected[piece]);
    }
    // Digamma instead of the logarithm favours few pieces: the expectation under a sparse Dirichlet prior.
    const whole = fround(digamma(sum));
    this.pieces.keep(
      Int32Array.from(kept),
      Float32Array.from(kept, (piece) => digamma(expected[piece]) - whole),
    );
  }

  /** Drops pieces: `least` remain at least, and a share of them at least, but for those that cannot be dropped. */
  async prune(least: number, shrinkingFactor: number): Promise<void> {
    const { pieces } = this;
    const { size, scores } = pieces;
    const { frequencies, sentences } = await this.#count();
    const sum = fround(frequencies.reduce((total, frequency) => total + frequency, 0));
    const whole = fround(log(sum));
    const kept: number[] = [];
    const candidates: number[] = [];
    const losses = new Float32Array(size);
    for (let piece = 0; piece < size; piece++) {
      if (frequencies[piece] === 0) continue;
      const alternative = this.#alternativeOf(piece);
      if (alternative === "split") continue;
      if (alternative === "only") kept.push(piece);
      else {
        candidates.push(piece);
        losses[piece] = lossOf(frequencies, piece, alternative, sum, whole, sentences);
      }
      if (piece % LOOK === 0 && this.#pace.isDue) await this.#pause();
    }
    const target = Math.max(least, Math.trunc(fround(fround(shrinkingFactor) * fround(size))));
    candidates.sort((a, b) => losses[b] - losses[a] || a - b);
    if (kept.length <= target) candidates.length = Math.min(candidates.length, target - kept.length);
    const order = Int32Array.from([...kept, ...candidates]);
    pieces.keep(
      order,
      Float32Array.from(order, (piece) => scores[piece]),
    );
  }

  /** The final pieces: all required characters, and those with the highest scores. */
  finish(alphabet: readonly CountedCharacter[], room: number): LearnedPiece[] {
    const { chosen, scores, seeds, lowest, size } = this.pieces;
    const { points, starts, ends } = seeds;
    const characters = new Map<number, number>();
    for (let piece = 0; piece < size; piece++) {
      const seed = chosen[piece];
      if (ends[seed] - starts[seed] === 1) characters.set(points[starts[seed]], scores[piece]);
    }
    const final = new Map<string, number>();
    let penalty = 0;
    for (const { point } of alphabet) {
      const score = characters.get(point);
      final.set(String.fromCodePoint(point), score ?? fround(lowest + penalty));
      if (score === undefined) penalty = fround(penalty + PENALTY);
    }
    const order = Int32Array.from(chosen.keys());
    order.sort((a, b) => {
      const [left, right] = [chosen[a], chosen[b]];
      return scores[b] - scores[a] || comparePoints(points, starts[left], ends[left], starts[right], ends[right]);
    });
    for (const piece of order) {
      const spelling = spell(points, starts[chosen[piece]], ends[chosen[piece]]);
      if (final.has(spelling)) continue;
      if (final.size === room) break;
      final.set(spelling, scores[piece]);
    }
    const learned = Array.from(final, ([piece, score]) => ({
      piece,
      score,
      points: Int32Array.from(piece, codePoint),
    }));
    learned.sort((a, b) => b.score - a.score || compareSpellings(a.points, b.points));
    return learned.map(({ piece, score }) => ({ piece, score }));
  }

  /** How often each piece is expected in the text. */
  async #expect(): Promise<Float32Array> {
    const { counts, size } = this.#text;
    const expected = new Float32Array(this.pieces.size);
    const { unknownScore } = this.pieces;
    for (let sentence = 0; sentence < size; sentence++) {
      this.#lay(sentence, unknownScore);
      this.#lattice.addExpectations(expected, fround(counts[sentence]));
      if (sentence % LOOK === 0 && this.#pace.isDue) await this.#pause();
    }
    return expected;
  }

  /** How often each piece is used when every sentence is cut the best way, and the number of sentences. */
  async #count(): Promise<{ frequencies: Float32Array; sentences: number }> {
    const { counts, size } = this.#text;
    const frequencies = new Float32Array(this.pieces.size);
    const lattice = this.#lattice;
    const { unknownScore } = this.pieces;
    let sentences = 0;
    for (let sentence = 0; sentence < size; sentence++) {
      const count = fround(counts[sentence]);
      this.#lay(sentence, unknownScore);
      lattice.findBest();
      for (const node of lattice.path) frequencies[lattice.ids[node]] += count;
      sentences = fround(sentences + count);
      if (sentence % LOOK === 0 && this.#pace.isDue) await this.#pause();
    }
    return { frequencies, sentences };
  }

  /** Builds the lattice of a sentence. */
  #lay(sentence: number, unknownScore: number): void {
    const { points, starts } = this.#text;
    const start = starts[sentence];
    const end = starts[sentence + 1];
    if (this.#spans.lay(sentence, this.#lattice, this.pieces, unknownScore, end - start)) return;
    this.#lattice.build(this.pieces, unknownScore, points, start, end);
    this.#spans.keep(sentence, this.#lattice);
  }

  #alternativeOf(piece: number): ReturnType<typeof alternativeOf> {
    const { seeds, chosen, unknownScore } = this.pieces;
    const seed = chosen[piece];
    this.#lattice.build(this.pieces, unknownScore, seeds.points, seeds.starts[seed], seeds.ends[seed]);
    return alternativeOf(this.#lattice);
  }
}

/** By how much the text's mean log-likelihood falls without a piece, if what it was used for is cut the second best way. */
function lossOf(
  frequencies: Float32Array,
  piece: number,
  alternative: readonly number[],
  sum: number,
  whole: number,
  sentences: number,
): number {
  const frequency = frequencies[piece];
  const withPiece = fround(log(frequency) - whole);
  // The parts of the alternative should be counted here; the original counts all pieces, and its results depend on it.
  const wholeWithout = fround(log(fround(sum + fround(frequency * (frequencies.length - 1)))));
  let without = 0;
  for (const other of alternative)
    without = fround(without + (log(fround(frequencies[other] + frequency)) - wholeWithout));
  return fround(fround(frequency / sentences) * fround(withPiece - without));
}

function codePoint(character: string): number {
  return character.codePointAt(0)!;
}

function compareSpellings(a: Int32Array, b: Int32Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

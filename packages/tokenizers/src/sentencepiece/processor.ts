/**
 * A SentencePiece model at work: text to pieces or ids and back, with the results of the C++ library.
 *
 * @see https://github.com/google/sentencepiece
 */

import { describe } from "../describe.ts";
import { checkId, indexedIds } from "../ids.ts";
import { checkUnit, type OffsetUnit } from "../textOffsets.ts";
import type { DecodeStream } from "../tokenizer.ts";
import { boundariesOf, type DecodedText } from "./decodedText.ts";
import { PieceDecodeStream } from "./decodeStream.ts";
import type { EncodedText } from "./encodedText.ts";
import { ModelPieces } from "./modelPieces.ts";
import { type ModelProto, readModelProto } from "./modelProto.ts";
import type { NormalizedText } from "./normalizedText.ts";
import { bestPaths } from "./nbest.ts";
import { PieceDecoder } from "./pieceDecoder.ts";
import {
  PieceEncoder,
  type ScoredText,
  type SentencePieceEncodeOptions,
  type SentencePiecePieceOptions,
} from "./pieceEncoder.ts";
import {
  checkAlpha,
  checkSampling,
  checkScoredSampling,
  drawScoredPaths,
  type SamplingOptions,
  type ScoredSamplingOptions,
} from "./sampling.ts";
import { type UnigramScores, unigramScores } from "./unigramSegmenter.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** The most segmentations that {@link SentencePieceProcessor.nbestEncode} gives. */
const MAX_NBEST = 1024;

/** Encodes and decodes with one model. */
export class SentencePieceProcessor extends ModelPieces {
  #encoder: PieceEncoder;
  #decoder: PieceDecoder;
  /** As the pieces were when the model was read: making some unused does not change how others compare. */
  readonly #scores: UnigramScores;

  private constructor(model: ModelProto) {
    super(model);
    this.#scores = unigramScores(this.vocabulary);
    this.#encoder = new PieceEncoder(model, this.vocabulary, this.#scores);
    this.#decoder = new PieceDecoder(this.vocabulary, model);
  }

  /**
   * Reads a `.model` file.
   *
   * @param model - The content of the file, as trained by `spm_train` or by this package.
   * @throws TypeError if `model` is no Uint8Array; RangeError if it is not such a file, or not one that makes sense.
   */
  static fromBytes(model: Uint8Array): SentencePieceProcessor {
    return new SentencePieceProcessor(readModelProto(model));
  }

  /**
   * Turns text into ids.
   *
   * @param text - Any string; a lone surrogate counts as U+FFFD.
   * @throws TypeError if `text` is not a string; Error if a piece is to be added that the model does not have.
   */
  encode(text: string, options: SentencePieceEncodeOptions = {}): Uint32Array<ArrayBuffer> {
    return this.#encoder.ids("encode", text, options);
  }

  /** Turns texts into ids: what {@link encode} gives for each. */
  encodeBatch(texts: readonly string[], options: SentencePieceEncodeOptions = {}): Uint32Array<ArrayBuffer>[] {
    return arrayOf("encodeBatch", texts).map((text) => this.#encoder.ids("encodeBatch", text, options));
  }

  /**
   * Turns text into pieces. An unknown one is the (normalized) text that is not in the vocabulary, or `<unk>` with
   * `emitUnkPiece`.
   */
  override encodePieces(text: string, options: SentencePiecePieceOptions = {}): readonly string[] {
    return this.#encoder.pieces("encodePieces", text, options).pieces;
  }

  /**
   * Turns text into ids and pieces with the part of the text that each stands for.
   *
   * @param text - Any string.
   * @param options - Those of {@link encode}, and the `unit` of the offsets.
   * @example
   * ```ts
   * const { pieces, offsets, ends } = processor.encodeWithOffsets("１ word", { unit: "codepoint" });
   * ```
   */
  encodeWithOffsets(text: string, options: SentencePiecePieceOptions = {}): EncodedText {
    return this.#encoder.pieces("encodeWithOffsets", text, options);
  }

  /**
   * The best segmentations, the best first, each with the sum of its pieces' scores. Unigram models only.
   *
   * @param text - Any string.
   * @param nbestSize - How many, 1 to 1024; there may be fewer.
   * @throws RangeError if `nbestSize` is not in that range; Error if the model is no unigram model.
   */
  nbestEncode(text: string, nbestSize: number, options: SentencePiecePieceOptions = {}): ScoredText[] {
    if (!Number.isInteger(nbestSize) || nbestSize < 1 || nbestSize > MAX_NBEST) {
      throw new RangeError(`nbestEncode: expected nbestSize from 1 to ${MAX_NBEST}, got ${describe(nbestSize)}`);
    }
    const best = this.#encoder.scored("nbestEncode", text, options, (lattice) =>
      bestPaths(lattice, lattice.bestScores(), nbestSize),
    );
    // The original gives what `encode` gives then, which may be another of several equally good ones.
    return nbestSize > 1 ? best : [{ ...best[0], ...this.#encoder.pieces("nbestEncode", text, options) }];
  }

  /**
   * Turns text into the ids of a segmentation drawn at random: unigram models draw from their segmentations, BPE models
   * leave out merges.
   *
   * @param text - Any string.
   * @param options - The random numbers and how to draw, and the options of {@link encode}.
   * @throws Error if the model is a word or character model, which know one segmentation only.
   * @example
   * ```ts
   * processor.sampleEncode("hello", { rng: Math.random, alpha: 0.2 });
   * ```
   */
  sampleEncode(text: string, options: SamplingOptions & SentencePieceEncodeOptions): Uint32Array<ArrayBuffer> {
    checkSampling("sampleEncode", options);
    return this.#encoder.ids("sampleEncode", text, options, options);
  }

  /** Draws a segmentation as {@link sampleEncode} does, and gives what {@link encodeWithOffsets} gives. */
  sampleEncodeWithOffsets(text: string, options: SamplingOptions & SentencePiecePieceOptions): EncodedText {
    checkSampling("sampleEncodeWithOffsets", options);
    return this.#encoder.pieces("sampleEncodeWithOffsets", text, options, options);
  }

  /**
   * Draws segmentations, each with a score: the logarithm of its probability or, without replacement, of its
   * probability of being in such a sample (0, which is certainty, for a best one that was asked for). Unigram models only.
   *
   * @param text - Any string.
   * @param options - The random numbers and how to draw, and the options of {@link encodeWithOffsets}.
   * @returns `numSamples` segmentations; without replacement fewer if there are not as many.
   */
  sampleEncodeAndScore(text: string, options: ScoredSamplingOptions & SentencePiecePieceOptions): ScoredText[] {
    checkScoredSampling("sampleEncodeAndScore", options);
    return this.#encoder.scored("sampleEncodeAndScore", text, options, (lattice) => drawScoredPaths(lattice, options));
  }

  /**
   * The entropy of the segmentations of a text in nats, where each has a probability in proportion to
   * `exp(alpha * score)`. Unigram models only.
   *
   * @param text - Any string.
   * @param alpha - Inverse temperature.
   */
  calculateEntropy(text: string, alpha: number): number {
    checkAlpha("calculateEntropy", alpha);
    return this.#encoder.entropy("calculateEntropy", text, alpha);
  }

  /** Turns ids into text. */
  decode(ids: Iterable<number> | ArrayLike<number>): string {
    return this.#decode("decode", ids);
  }

  /** Turns ids into texts: what {@link decode} gives for each. */
  decodeBatch(batch: readonly (Iterable<number> | ArrayLike<number>)[]): string[] {
    return arrayOf("decodeBatch", batch).map((ids) => this.#decode("decodeBatch", ids));
  }

  /** Turns pieces into text; one that the model does not have stays as it is. */
  decodePieces(pieces: readonly string[]): string {
    const ids = pieces.map((piece) => this.vocabulary.idOf(piece));
    return this.#decoder.denormalize(this.#decoder.surfaces(ids, pieces).join(""));
  }

  /** Starts decoding ids one at a time, as a model generates them. */
  decodeStream(): DecodeStream {
    return new PieceDecodeStream(this.vocabulary, this.#decoder);
  }

  /**
   * Turns ids into text and tells which part of it each piece became.
   *
   * @param ids - Ids.
   * @param options - `unit`: what offsets count, `"utf16"` by default. They are those of the text before the model's
   * denormalizer, if it has one.
   */
  decodeWithOffsets(
    ids: Iterable<number> | ArrayLike<number>,
    { unit = "utf16" }: { readonly unit?: OffsetUnit } = {},
  ): DecodedText {
    checkUnit("decodeWithOffsets", unit);
    const indexed = indexedIds("decodeWithOffsets", ids);
    const surfaces = this.#surfaces("decodeWithOffsets", indexed);
    const pieces = Array.from(indexed, (id) => this.vocabulary.pieces[id]);
    return { text: this.#decoder.denormalize(surfaces.join("")), pieces, ...boundariesOf(surfaces, unit) };
  }

  /** The text as the model sees it. */
  normalize(text: string): string {
    return this.#encoder.normalized("normalize", text, "utf16").normalized;
  }

  /**
   * The text as the model sees it, with the place in the text that each place of it comes from.
   *
   * @param text - Any string.
   * @param options - `unit`: what places count in both texts, `"utf16"` by default.
   */
  normalizeWithOffsets(text: string, { unit = "utf16" }: { readonly unit?: OffsetUnit } = {}): NormalizedText {
    return this.#encoder.normalized("normalizeWithOffsets", text, unit);
  }

  protected override onNewPieces(model: ModelProto, vocabulary: Vocabulary): void {
    this.#encoder = new PieceEncoder(model, vocabulary, this.#scores);
    this.#decoder = new PieceDecoder(vocabulary, model);
  }

  protected override onRestriction(): void {
    this.#encoder.restart();
  }

  #decode(caller: string, ids: Iterable<number> | ArrayLike<number>): string {
    return this.#decoder.denormalize(this.#surfaces(caller, ids).join(""));
  }

  #surfaces(caller: string, ids: Iterable<number> | ArrayLike<number>): string[] {
    const indexed = indexedIds(caller, ids);
    for (let i = 0; i < indexed.length; i++) checkId(caller, indexed[i], this.vocabSize);
    return this.#decoder.surfaces(indexed);
  }
}

function arrayOf<Item>(caller: string, items: readonly Item[]): readonly Item[] {
  if (Array.isArray(items)) return items;
  throw new TypeError(`${caller}: expected an array, got ${describe(items)}`);
}

/**
 * Text to pieces: normalization, then the segmentation of the model's type, then ids or all that is known of the
 * pieces. The memory for one text serves the next.
 */

import { describe } from "../describe.ts";
import { checkUnit, type OffsetUnit } from "../textOffsets.ts";
import { encodeUtf8Into } from "../utf8.ts";
import { BpeSegmenter } from "./bpeSegmenter.ts";
import { type EncodedText, encodedTextOf, type EncodedTextOptions } from "./encodedText.ts";
import { Lattice } from "./lattice.ts";
import { entropyOf, forwardSums } from "./latticeSums.ts";
import type { ModelProto, ModelType } from "./modelProto.ts";
import type { LatticePath } from "./nbest.ts";
import { type NormalizedText, normalizedTextOf } from "./normalizedText.ts";
import { Normalizer } from "./normalizer.ts";
import { drawPath, type SamplingOptions } from "./sampling.ts";
import { idsOfSegments, type Segmenter, Segments } from "./segments.ts";
import { type UnigramScores, UnigramSegmenter } from "./unigramSegmenter.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { CharacterSegmenter, WordSegmenter } from "./wordSegmenter.ts";

/** Options of {@link SentencePieceProcessor.encode} and its relatives. */
export interface SentencePieceEncodeOptions {
  /** Puts the piece that begins a text, `<s>`, first. @defaultValue false */
  readonly addBos?: boolean;
  /** Puts the piece that ends a text, `</s>`, last. @defaultValue false */
  readonly addEos?: boolean;
  /** Gives the pieces of the text in reverse order. @defaultValue false */
  readonly reverse?: boolean;
}

/** Options of {@link SentencePieceProcessor.encodePieces} and its relatives. */
export interface SentencePiecePieceOptions extends SentencePieceEncodeOptions {
  /** Spells an unknown piece as `<unk>` instead of as the text it stands for. @defaultValue false */
  readonly emitUnkPiece?: boolean;
  /** What offsets count. @defaultValue "utf16" */
  readonly unit?: OffsetUnit;
}

/** A segmentation of a text and its score. */
export interface ScoredText extends EncodedText {
  /** What it is is said where it is returned. */
  readonly score: number;
}

/** Scratch for longer texts is not kept. */
const KEPT = 1 << 20;

/** Encodes one text after the other. */
export class PieceEncoder {
  readonly #type: ModelType;
  readonly #vocabulary: Vocabulary;
  readonly #scores: UnigramScores;
  readonly #normalizer: Normalizer;
  #segmenter: Segmenter;
  readonly #segments = new Segments();
  #text = new Uint8Array(1024);

  /**
   * @param model - The file's content.
   * @param vocabulary - Its pieces.
   * @param scores - Range of the scores (unigram).
   */
  constructor(model: ModelProto, vocabulary: Vocabulary, scores: UnigramScores) {
    const { trainerSpec = {}, normalizerSpec = {} } = model;
    this.#type = trainerSpec.modelType ?? "unigram";
    this.#vocabulary = vocabulary;
    this.#scores = scores;
    this.#normalizer = new Normalizer(normalizerSpec, {
      treatWhitespaceAsSuffix: trainerSpec.treatWhitespaceAsSuffix,
      userDefined: vocabulary.userDefined,
    });
    this.#segmenter = segmenterOf(this.#type, vocabulary, scores);
  }

  /** Takes notice of pieces that have become unused or normal. */
  restart(): void {
    this.#segmenter = segmenterOf(this.#type, this.#vocabulary, this.#scores);
  }

  /** The ids of a text: of the best segmentation, or of one drawn at random. */
  ids(
    caller: string,
    text: string,
    options: SentencePieceEncodeOptions,
    sampling?: SamplingOptions,
  ): Uint32Array<ArrayBuffer> {
    const around = this.#around(caller, options);
    this.#normalize(caller, text, false);
    this.#segment(caller, sampling);
    const ids = idsOfSegments(this.#segments, this.#normalizer.bytes, this.#vocabulary, around);
    this.#normalizer.release();
    return ids;
  }

  /** The ids, pieces and offsets of a text. */
  pieces(caller: string, text: string, options: SentencePiecePieceOptions, sampling?: SamplingOptions): EncodedText {
    const settings = this.#settings(caller, options);
    this.#normalize(caller, text, true);
    this.#segment(caller, sampling);
    const encoded = encodedTextOf(text, this.#segments, this.#normalizer, this.#vocabulary, settings);
    this.#normalizer.release();
    return encoded;
  }

  /** The segmentations of a text that are chosen from its lattice. */
  scored(
    caller: string,
    text: string,
    options: SentencePiecePieceOptions,
    choose: (lattice: Lattice) => readonly LatticePath[],
  ): ScoredText[] {
    const settings = this.#settings(caller, options);
    this.#normalize(caller, text, true);
    const lattice = this.#lattice(caller);
    const scored = choose(lattice).map(({ nodes, score }) => {
      this.#follow(lattice, nodes);
      return { ...encodedTextOf(text, this.#segments, this.#normalizer, this.#vocabulary, settings), score };
    });
    this.#normalizer.release();
    return scored;
  }

  /** The entropy of a text's segmentations. */
  entropy(caller: string, text: string, alpha: number): number {
    this.#normalize(caller, text, false);
    const lattice = this.#lattice(caller);
    return entropyOf(lattice, forwardSums(lattice, alpha), alpha);
  }

  /** A text as the model sees it. */
  normalized(caller: string, text: string, unit: OffsetUnit): NormalizedText {
    checkUnit(caller, unit);
    this.#normalize(caller, text, true);
    const normalized = normalizedTextOf(text, this.#normalizer, unit);
    this.#normalizer.release();
    return normalized;
  }

  #normalize(caller: string, text: string, track: boolean): void {
    if (typeof text !== "string") throw new TypeError(`${caller}: expected a string, got ${describe(text)}`);
    if (this.#text.length < 3 * text.length + 8) this.#text = new Uint8Array(4 * text.length + 8);
    const length = encodeUtf8Into(text, this.#text);
    this.#text[length] = 0;
    this.#normalizer.normalize(this.#text, length, track);
    if (this.#text.length > KEPT) this.#text = new Uint8Array(1024);
  }

  #segment(caller: string, sampling: SamplingOptions | undefined): void {
    const { bytes, length } = this.#normalizer;
    const { alpha = 0.1, nbestSize = -1 } = sampling ?? {};
    if (sampling !== undefined && this.#segmenter instanceof BpeSegmenter) {
      this.#segmenter.segment(bytes, length, this.#segments, { alpha, rng: sampling.rng });
    } else if (sampling !== undefined && nbestSize !== 0 && nbestSize !== 1) {
      const lattice = this.#lattice(caller);
      this.#follow(lattice, drawPath(lattice, sampling));
    } else this.#segmenter.segment(bytes, length, this.#segments);
  }

  /** All segmentations of the normalized text. */
  #lattice(caller: string): Lattice {
    if (this.#type !== "unigram") {
      throw new Error(`${caller}: expected a unigram model, got one of type ${this.#type}, which has one segmentation`);
    }
    return new Lattice(this.#normalizer.bytes, this.#normalizer.length, this.#vocabulary, this.#scores);
  }

  /** Makes segments of the nodes of a lattice. */
  #follow({ ids, ends, offsets }: Lattice, nodes: readonly number[]): void {
    this.#segments.count = 0;
    for (const node of nodes) this.#segments.push(offsets[ends[node]], ids[node]);
  }

  #settings(caller: string, options: SentencePiecePieceOptions): EncodedTextOptions {
    const { emitUnkPiece = false, unit = "utf16" } = options;
    checkUnit(caller, unit);
    return { ...this.#around(caller, options), unit, emitUnkPiece };
  }

  #around(caller: string, { addBos = false, addEos = false, reverse = false }: SentencePieceEncodeOptions) {
    const { bosId, eosId } = this.#vocabulary;
    return {
      first: addBos ? expectPiece(caller, "addBos", bosId) : -1,
      last: addEos ? expectPiece(caller, "addEos", eosId) : -1,
      reverse,
    };
  }
}

function segmenterOf(type: ModelType, vocabulary: Vocabulary, scores: UnigramScores): Segmenter {
  if (type === "bpe") return new BpeSegmenter(vocabulary);
  if (type === "word") return new WordSegmenter(vocabulary);
  if (type === "char") return new CharacterSegmenter(vocabulary);
  return new UnigramSegmenter(vocabulary, scores);
}

function expectPiece(caller: string, option: string, id: number | undefined): number {
  if (id !== undefined) return id;
  throw new Error(`${caller}: expected a model with the piece that ${option} adds, got one without`);
}

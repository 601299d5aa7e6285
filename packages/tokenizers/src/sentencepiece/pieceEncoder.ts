/**
 * Text to pieces: normalization, then the segmentation of the model's type, then ids or all that is known of the
 * pieces. The memory for one text serves the next.
 */

import { describe } from "../describe.ts";
import type { OffsetUnit } from "../textOffsets.ts";
import { encodeUtf8Into, utf8Decoder } from "../utf8.ts";
import { BpeSegmenter } from "./bpeSegmenter.ts";
import { type EncodedText, encodedTextOf } from "./encodedText.ts";
import type { ModelProto, ModelType } from "./modelProto.ts";
import { Normalizer } from "./normalizer.ts";
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

/** Scratch for longer texts is not kept. */
const KEPT = 1 << 20;
const utf8 = utf8Decoder();

/** Encodes one text after the other. */
export class PieceEncoder {
  readonly #vocabulary: Vocabulary;
  readonly #normalizer: Normalizer;
  readonly #segmenter: Segmenter;
  readonly #segments = new Segments();
  #text = new Uint8Array(1024);

  /**
   * @param model - The file's content.
   * @param vocabulary - Its pieces.
   * @param scores - Range of the scores (unigram).
   */
  constructor(model: ModelProto, vocabulary: Vocabulary, scores: UnigramScores) {
    const { trainerSpec = {}, normalizerSpec = {} } = model;
    this.#vocabulary = vocabulary;
    this.#normalizer = new Normalizer(normalizerSpec, {
      treatWhitespaceAsSuffix: trainerSpec.treatWhitespaceAsSuffix,
      userDefined: vocabulary.userDefined,
    });
    this.#segmenter = segmenterOf(trainerSpec.modelType ?? "unigram", vocabulary, scores);
  }

  /** The ids of a text. */
  ids(caller: string, text: string, options: SentencePieceEncodeOptions): Uint32Array<ArrayBuffer> {
    const around = this.#around(caller, options);
    this.#normalize(caller, text, false);
    this.#segmenter.segment(this.#normalizer.bytes, this.#normalizer.length, this.#segments);
    const ids = idsOfSegments(this.#segments, this.#normalizer.bytes, this.#vocabulary, around);
    this.#normalizer.release();
    return ids;
  }

  /** The ids, pieces and offsets of a text. */
  pieces(caller: string, text: string, options: SentencePiecePieceOptions): EncodedText {
    const around = this.#around(caller, options);
    const { emitUnkPiece = false, unit = "utf16" } = options;
    if (unit !== "utf16" && unit !== "codepoint" && unit !== "byte") {
      throw new RangeError(`${caller}: expected the unit "utf16", "codepoint" or "byte", got ${describe(unit)}`);
    }
    this.#normalize(caller, text, true);
    this.#segmenter.segment(this.#normalizer.bytes, this.#normalizer.length, this.#segments);
    const encoded = encodedTextOf(text, this.#segments, this.#normalizer, this.#vocabulary, {
      ...around,
      unit,
      emitUnkPiece,
    });
    this.#normalizer.release();
    return encoded;
  }

  /** A text as the model sees it. */
  normalized(caller: string, text: string): string {
    this.#normalize(caller, text, false);
    const normalized = utf8.decode(this.#normalizer.bytes.subarray(0, this.#normalizer.length));
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

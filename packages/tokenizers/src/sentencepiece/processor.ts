/**
 * A SentencePiece model at work: text to pieces or ids and back, with the results of the C++ library.
 *
 * @see https://github.com/google/sentencepiece
 */

import { describe } from "../describe.ts";
import { checkId, indexedIds } from "../ids.ts";
import { encodeUtf8Into, utf8Decoder } from "../utf8.ts";
import { BpeSegmenter } from "./bpeSegmenter.ts";
import { type ModelProto, type ModelType, type PieceKind, readModelProto, writeModelProto } from "./modelProto.ts";
import { Normalizer } from "./normalizer.ts";
import { PieceDecoder } from "./pieceDecoder.ts";
import { idsOfSegments, type Segmenter, Segments } from "./segments.ts";
import { unigramScores, UnigramSegmenter } from "./unigramSegmenter.ts";
import { Vocabulary } from "./vocabulary.ts";
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

/** Scratch for longer texts is not kept. */
const KEPT = 1 << 20;
const utf8 = utf8Decoder();

/** Encodes and decodes with one model. */
export class SentencePieceProcessor {
  readonly modelType: ModelType;
  /** Number of pieces; the ids are 0 to one less. */
  readonly vocabSize: number;
  readonly unkId: number;
  /** Ids of the pieces for beginning and end of a text and for padding, where the model has them. */
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly padId: number | undefined;
  readonly #model: ModelProto;
  readonly #vocabulary: Vocabulary;
  readonly #normalizer: Normalizer;
  readonly #segmenter: Segmenter;
  readonly #decoder: PieceDecoder;
  readonly #segments = new Segments();
  #text = new Uint8Array(1024);

  private constructor(model: ModelProto) {
    const { trainerSpec = {}, normalizerSpec = {} } = model;
    this.#model = model;
    this.#vocabulary = new Vocabulary(model);
    this.modelType = trainerSpec.modelType ?? "unigram";
    this.vocabSize = this.#vocabulary.pieces.length;
    this.unkId = this.#vocabulary.unkId;
    this.bosId = this.#controlId(trainerSpec.bosPiece || "<s>");
    this.eosId = this.#controlId(trainerSpec.eosPiece || "</s>");
    this.padId = this.#controlId(trainerSpec.padPiece || "<pad>");
    this.#normalizer = new Normalizer(normalizerSpec, {
      treatWhitespaceAsSuffix: trainerSpec.treatWhitespaceAsSuffix,
      userDefined: this.#vocabulary.userDefined,
    });
    this.#segmenter = segmenterOf(this.modelType, this.#vocabulary);
    this.#decoder = new PieceDecoder(this.#vocabulary, model);
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

  /** The content of a `.model` file, which C++ SentencePiece reads. */
  toBytes(): Uint8Array {
    return writeModelProto(this.#model);
  }

  /**
   * Turns text into ids.
   *
   * @param text - Any string; a lone surrogate counts as U+FFFD.
   * @throws TypeError if `text` is not a string; Error if a piece is to be added that the model does not have.
   */
  encode(text: string, options: SentencePieceEncodeOptions = {}): Uint32Array<ArrayBuffer> {
    this.#segment("encode", text);
    const ids = idsOfSegments(this.#segments, this.#normalizer.bytes, this.#vocabulary, {
      first: options.addBos ? expectPiece("addBos", this.bosId) : -1,
      last: options.addEos ? expectPiece("addEos", this.eosId) : -1,
      reverse: options.reverse ?? false,
    });
    this.#normalizer.release();
    return ids;
  }

  /** Turns ids into text. */
  decode(ids: Iterable<number> | ArrayLike<number>): string {
    const indexed = indexedIds("decode", ids);
    for (let i = 0; i < indexed.length; i++) checkId("decode", indexed[i], this.vocabSize);
    return this.#decoder.denormalize(this.#decoder.surfaces(indexed).join(""));
  }

  /** Turns pieces into text; one that the model does not have stays as it is. */
  decodePieces(pieces: readonly string[]): string {
    const ids = pieces.map((piece) => this.#vocabulary.idOf(piece));
    return this.#decoder.denormalize(this.#decoder.surfaces(ids, pieces).join(""));
  }

  /** The text as the model sees it. */
  normalize(text: string): string {
    this.#normalize("normalize", text, false);
    const normalized = utf8.decode(this.#normalizer.bytes.subarray(0, this.#normalizer.length));
    this.#normalizer.release();
    return normalized;
  }

  /** The id of a piece; that of the unknown piece if there is no such piece. */
  pieceToId(piece: string): number {
    return this.#vocabulary.idOf(piece);
  }

  /** The piece of an id. */
  idToPiece(id: number): string {
    checkId("idToPiece", id, this.vocabSize);
    return this.#vocabulary.pieces[id];
  }

  /** The score of an id: a log-probability (unigram), or minus the rank of the merge (BPE). */
  getScore(id: number): number {
    checkId("getScore", id, this.vocabSize);
    return this.#vocabulary.scores[id];
  }

  /** What the piece of an id is for. */
  getKind(id: number): PieceKind {
    checkId("getKind", id, this.vocabSize);
    return this.#vocabulary.kinds[id];
  }

  #segment(caller: string, text: string): void {
    this.#normalize(caller, text, false);
    this.#segmenter.segment(this.#normalizer.bytes, this.#normalizer.length, this.#segments);
  }

  #normalize(caller: string, text: string, track: boolean): void {
    if (typeof text !== "string") throw new TypeError(`${caller}: expected a string, got ${describe(text)}`);
    if (this.#text.length < 3 * text.length + 8) this.#text = new Uint8Array(4 * text.length + 8);
    const length = encodeUtf8Into(text, this.#text);
    this.#text[length] = 0;
    this.#normalizer.normalize(this.#text, length, track);
    if (this.#text.length > KEPT) this.#text = new Uint8Array(1024);
  }

  #controlId(piece: string): number | undefined {
    const id = this.#vocabulary.idOf(piece);
    return this.#vocabulary.kinds[id] === "control" ? id : undefined;
  }
}

function segmenterOf(type: ModelType, vocabulary: Vocabulary): Segmenter {
  if (type === "bpe") return new BpeSegmenter(vocabulary);
  if (type === "word") return new WordSegmenter(vocabulary);
  if (type === "char") return new CharacterSegmenter(vocabulary);
  return new UnigramSegmenter(vocabulary, unigramScores(vocabulary));
}

function expectPiece(option: string, id: number | undefined): number {
  if (id !== undefined) return id;
  throw new Error(`encode: expected a model with the piece that ${option} adds, got one without`);
}

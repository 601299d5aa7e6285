/**
 * The pieces of a model: looked up, restricted to some of them, added to, and written as a file. What text they make up
 * is the matter of `processor.ts`.
 */

import { checkId } from "../ids.ts";
import { type AddTokensOptions, withTokens } from "./addedTokens.ts";
import { type ModelProto, type ModelType, type PieceKind, writeModelProto } from "./modelProto.ts";
import { Vocabulary } from "./vocabulary.ts";
import { piecesOfList } from "./vocabularyList.ts";

/** What {@link SentencePieceProcessor} knows about its pieces. */
export abstract class ModelPieces {
  readonly modelType: ModelType;
  #model: ModelProto;
  #vocabulary: Vocabulary;

  protected constructor(model: ModelProto) {
    this.modelType = model.trainerSpec?.modelType ?? "unigram";
    this.#model = model;
    this.#vocabulary = new Vocabulary(model);
  }

  protected get vocabulary(): Vocabulary {
    return this.#vocabulary;
  }

  /** There are more pieces. */
  protected abstract onNewPieces(model: ModelProto, vocabulary: Vocabulary): void;

  /** Some pieces have become unused or normal. */
  protected abstract onRestriction(): void;

  abstract encodePieces(text: string): readonly string[];

  /** Number of pieces; the ids are 0 to one less. */
  get vocabSize(): number {
    return this.#vocabulary.pieces.length;
  }

  /** The id of the unknown piece. */
  get unkId(): number {
    return this.#vocabulary.unkId;
  }

  /** The id of the piece that begins a text, where the model has one. */
  get bosId(): number | undefined {
    return this.#vocabulary.bosId;
  }

  /** The id of the piece that ends a text, where the model has one. */
  get eosId(): number | undefined {
    return this.#vocabulary.eosId;
  }

  /** The id of the piece that fills up short texts, where the model has one. */
  get padId(): number | undefined {
    return this.#vocabulary.padId;
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

  /**
   * Restricts the model to some pieces: the others are unused from now on, except single characters, and text is cut
   * without them. Unigram and BPE models only.
   *
   * @param pieces - The pieces to use. Those that the model does not have are ignored.
   * @throws Error if the model is a word or character model.
   * @see https://github.com/google/sentencepiece/blob/master/doc/special_symbols.md
   */
  setVocabulary(pieces: Iterable<string>): void {
    this.#restrict("setVocabulary", new Set(pieces));
  }

  /** Makes all pieces usable again, also those that were unused when the model was read. */
  resetVocabulary(): void {
    this.#restrict("resetVocabulary", undefined);
  }

  /**
   * Restricts the model as {@link setVocabulary} does, to the pieces of a list that `spm_encode --generate_vocabulary`
   * wrote: a piece a line, and behind a tab how often it occurs.
   *
   * @param list - The content of the file.
   * @param options - `threshold`: leaves out pieces that occur less often. Default 0.
   * @throws RangeError if a line is no such line.
   */
  loadVocabulary(list: string, { threshold = 0 }: { readonly threshold?: number } = {}): void {
    this.#restrict("loadVocabulary", new Set(piecesOfList("loadVocabulary", list, threshold)));
  }

  /**
   * Adds tokens behind the last piece; the ids of the others stay. The model's self-test, if it has one, is brought up to
   * date, so that C++ SentencePiece accepts the file.
   *
   * @param tokens - New ones. A space in a user-defined one stands for the space mark.
   * @returns Their ids.
   * @throws RangeError if a token is empty, ill-formed or there already.
   * @example
   * ```ts
   * processor.addTokens(["<|user|>", "<|model|>"], { kind: "control" });
   * ```
   */
  addTokens(tokens: readonly string[], options: AddTokensOptions = {}): Uint32Array<ArrayBuffer> {
    const first = this.vocabSize;
    this.#model = withTokens(this.#model, tokens, options);
    this.#vocabulary = new Vocabulary(this.#model);
    this.onNewPieces(this.#model, this.#vocabulary);
    this.#updateSelfTest();
    return Uint32Array.from(tokens, (_, index) => first + index);
  }

  /** The content of a `.model` file, which C++ SentencePiece reads: the one that was read, byte for byte, unless changed. */
  toBytes(): Uint8Array {
    return writeModelProto(this.#model);
  }

  #restrict(caller: string, pieces: ReadonlySet<string> | undefined): void {
    if (this.modelType !== "unigram" && this.modelType !== "bpe") {
      throw new Error(`${caller}: expected a unigram or BPE model, got one of type ${this.modelType}`);
    }
    this.#vocabulary.restrict((piece) => pieces?.has(piece) ?? true);
    this.#model = withKinds(this.#model, this.#vocabulary.kinds);
    this.onRestriction();
    this.#updateSelfTest();
  }

  /** The library refuses a file whose samples do not give what they are to give. */
  #updateSelfTest(): void {
    const { selfTestData } = this.#model;
    if (selfTestData?.samples === undefined) return;
    const samples = selfTestData.samples.map((sample) => ({
      ...sample,
      expected: this.encodePieces(sample.input ?? "").join(" "),
    }));
    this.#model = { ...this.#model, selfTestData: { ...selfTestData, samples } };
  }
}

/** A model with its pieces as they are used now; where that is as before, they stay the same objects. */
function withKinds(model: ModelProto, kinds: readonly PieceKind[]): ModelProto {
  const pieces = model.pieces?.map((piece, id) => {
    if ((piece.type ?? "normal") === kinds[id]) return piece;
    const { type: _, ...rest } = piece;
    return kinds[id] === "normal" ? rest : { ...rest, type: kinds[id] };
  });
  return { ...model, ...(pieces === undefined ? {} : { pieces }) };
}
